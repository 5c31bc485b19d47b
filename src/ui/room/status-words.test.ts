import { describe, expect, it } from 'vitest'
import type { Peer, Status } from '../../runtime/contract'
import { FakeKv } from '../fake-kv'
import { en } from '../i18n/en'
import { ptBr } from '../i18n/pt-br'
import { statusWords } from './status-words'

const base = new FakeKv().status()
const peer = (over: Partial<Peer> = {}): Peer => ({
  id: 'p',
  name: 'p',
  state: 'linked',
  inSync: true,
  bytesIn: 0,
  bytesOut: 0,
  ...over,
})

function words(status: Partial<Status>, peers: Peer[] = []) {
  const { saved, shared, tone } = statusWords({ ...base, ...status }, peers, en)
  return [`${saved} · ${shared}`, tone]
}

describe('the status in words', () => {
  it.each<[Partial<Status>, Peer[], string, string]>([
    [{}, [], 'saved · nobody else here yet', 'good'],
    [{ linked: 3, inSync: true }, [peer(), peer(), peer()], 'saved · with 3 of 3 peers', 'good'],
    [{ linked: 1, inSync: true }, [peer()], 'saved · with 1 peer', 'good'],
    [{ linked: 1, inSync: true }, [peer(), peer({ state: 'lost' })], 'saved · with 1 peer', 'good'],
    [{ linked: 1, inSync: true }, [peer(), peer({ state: 'away' })], 'saved · with 1 of 2 peers', 'good'],
    [{ linked: 1 }, [peer({ inSync: false })], 'saved · catching up, 0 of 1 in sync', 'busy'],
    [
      { linked: 1, receiving: { done: 1_200, total: 50_000 } },
      [peer({ inSync: false })],
      'saved · receiving 1,200 of 50,000',
      'busy',
    ],
    [{ online: false }, [peer({ state: 'away' })], 'saved · you are offline', 'off'],
    [{ connecting: true }, [], 'saved · connecting…', 'busy'],
    [{ connecting: true, signaling: 'off' }, [peer({ state: 'away' })], 'saved · connecting…', 'busy'],
    [{ signaling: 'down' }, [], 'saved · no server in reach, trying again', 'busy'],
    [{ unreachable: 1 }, [], 'saved · no direct way to the others', 'busy'],
    [{ unreachable: 1, linked: 1, inSync: true }, [peer()], 'saved · with 1 peer', 'good'],
    [{ unsaved: 2 }, [], 'saving… · nobody else here yet', 'busy'],
    [{ storage: 'memory' }, [], 'only in this tab · nobody else here yet', 'good'],
    [{ storage: 'failing', unsaved: 2 }, [], 'not saved: 2 changes · nobody else here yet', 'bad'],
    [{ storage: 'failing', unsaved: 1, online: false }, [], 'not saved: 1 change · you are offline', 'bad'],
  ])('%j with %j', (status, peers, text, tone) => {
    expect(words(status, peers)).toEqual([text, tone])
  })

  it('speak Portuguese', () => {
    const { saved, shared } = statusWords({ ...base, linked: 2, inSync: true }, [peer(), peer()], ptBr)
    expect(`${saved} · ${shared}`).toBe('salvo · com 2 de 2 pares')
  })
})
