/** The console's commands (DESIGN 2.5): everything that a button does. */
import { type Json, type MergePolicy } from '../../runtime/contract'
import type { Messages } from '../i18n/en'
import { winOf } from '../key/outcome'
import { clockRows } from '../nodes/actor'
import { visible } from '../values/hidden'
import { lossOf, lossWords } from '../values/json-loss'
import { textFromValue, valueFromText } from '../values/value-text'
import {
  type Command,
  COMMAND_NAMES,
  CommandError,
  type CommandName,
  type Context,
  type Line,
} from './command'
import { quotedWord, takeWord } from './parse'

const LINES_MAX = 200
const MERGES: readonly string[] = ['auto', 'latest', 'union', 'max', 'min'] satisfies MergePolicy[]

export const COMMANDS: Record<CommandName, Command> = {
  set: { takesKey: true, run: set },
  get: { takesKey: true, run: get },
  del: { takesKey: true, run: del },
  keys: { takesKey: true, run: keys },
  clock: { takesKey: true, run: clock },
  removed: { takesKey: false, run: (_rest, context) => removed(context) },
  restore: { takesKey: 'removed', run: restore },
  peers: { takesKey: false, run: (_rest, context) => peers(context) },
  status: { takesKey: false, run: (_rest, context) => status(context) },
  offline: { takesKey: false, run: (_rest, context) => offline(context) },
  online: { takesKey: false, run: (_rest, context) => online(context) },
  export: { takesKey: false, run: (_rest, { page }) => silently(page.exportFile) },
  import: { takesKey: false, run: (_rest, { page }) => silently(page.importFile) },
  room: { takesKey: false, run: room },
  new: { takesKey: false, run: (_rest, { page }) => silently(page.newRoom) },
  rooms: { takesKey: false, run: (_rest, context) => rooms(context) },
  forget: { takesKey: false, run: forget },
  clear: { takesKey: false, run: (_rest, { page }) => silently(page.clear) },
  help: { takesKey: false, run: (_rest, context) => help(context) },
  exit: { takesKey: false, run: (_rest, context) => exit(context) },
}

async function set(rest: string, context: Context): Promise<Line[]> {
  const { t, kv } = context
  const option = /^--merge=(\S*)\s*/.exec(rest)
  const merge = option?.[1]
  if (merge !== undefined && !isMerge(merge)) throw new CommandError(t.unknownMerge(merge))
  const words = rest.slice(option?.[0].length ?? 0)
  if (words === '' || words.startsWith('--')) throw new CommandError(t.usage(usageOf('set', t)))
  const taken = takeWord(words)
  if (!taken) throw new CommandError(t.openQuote)
  if (taken.rest === '') throw new CommandError(t.usage(usageOf('set', t)))
  await kv.set(taken.word, valueFromText(taken.rest), merge === undefined ? {} : { merge })
  const loss = lossOf(taken.rest)
  return [
    [{ text: 'OK', tone: 'dim' }],
    ...(loss === undefined ? [] : [[{ text: lossWords(loss, t), tone: 'dim' } as const]]),
  ]
}

function get(rest: string, context: Context): Line[] {
  const key = oneKey(rest, 'get', context)
  const value = context.kv.get(key)
  return value === undefined ? [[context.t.noValue(key)]] : linesOf(value)
}

async function del(rest: string, context: Context): Promise<Line[]> {
  const key = oneKey(rest, 'del', context)
  const { t, kv } = context
  return [[(await kv.delete(key)) ? t.consoleDeleted(key) : t.noValue(key)]]
}

function keys(rest: string, { kv, t }: Context): Line[] {
  const option = /^--conflicts(?:\s+|$)/.exec(rest)
  const prefix = rest.slice(option?.[0].length ?? 0)
  const taken = takeWord(prefix)
  if (!taken && prefix !== '') throw new CommandError(t.openQuote)
  const found = kv.keys({ ...(taken ? { prefix: taken.word } : {}), conflicts: option !== null })
  if (found.length === 0) return [[option ? t.noConflicts : t.noKeys]]
  const lines: Line[] = found.slice(0, LINES_MAX).map((key) => [quotedWord(key)])
  if (found.length > LINES_MAX) lines.push([{ text: t.notShown(found.length - LINES_MAX), tone: 'dim' }])
  return lines
}

function clock(rest: string, context: Context): Line[] {
  const key = oneKey(rest, 'clock', context)
  const { t, kv } = context
  const inspection = kv.inspect(key)
  if (!inspection) return [[t.noValue(key)]]
  const lines: Line[] = clockLines(inspection.clock, context)
  if (!inspection.conflict) return lines
  lines.push([{ text: t.versions(inspection.versions.length), tone: 'strong' }])
  for (const version of inspection.versions) {
    const { writer, dot, value, clock } = version
    lines.push([
      { node: writer },
      ` ${dot[1]}  ${oneLine(value)}  `,
      { text: winOf(inspection, version) ? t.wins : '', tone: 'strong' },
    ])
    for (const line of clockLines(clock, context)) lines.push(['    ', ...line])
  }
  return lines
}

function clockLines(clock: Record<string, number>, { nodeName }: Context): Line[] {
  const rows = clockRows(clock)
  const width = Math.max(...rows.map(({ nodeId }) => nodeName(nodeId).length))
  return rows.map(({ nodeId, counter, life }) => [
    { node: nodeId },
    `${' '.repeat(width - nodeName(nodeId).length)} ${life > 1 ? `#${life} ` : ''}${counter}`,
  ])
}

function removed({ kv, t, page }: Context): Line[] {
  const list = kv.removed()
  if (list.length === 0) return [[t.noRemoved]]
  const lines = list.slice(0, LINES_MAX).map(({ key, value, how, by, removedAt }): Line => {
    const who: Line = by === undefined ? [] : [' ', { node: by }]
    return [
      `${quotedWord(key)}  ${oneLine(value)}  `,
      { text: t.removedHow[how], tone: 'dim' },
      ...who,
      { text: `, ${page.age(Date.parse(removedAt))}`, tone: 'dim' },
    ]
  })
  if (list.length > LINES_MAX) lines.push([{ text: t.notShownRemoved(list.length - LINES_MAX), tone: 'dim' }])
  return lines
}

async function restore(rest: string, context: Context): Promise<Line[]> {
  const { kv, t } = context
  if (rest === '') {
    const { length } = await kv.restore()
    return [[length === 0 ? t.noRemoved : `${t.restored(length)}.`]]
  }
  const key = oneKey(rest, 'restore', context)
  const restored = await kv.restore([key])
  return [[restored.length === 0 ? t.notRestored(key) : t.consoleRestored(key)]]
}

function peers({ kv, t, nodeName }: Context): Line[] {
  const list = kv.peers()
  const lines: Line[] = [[{ node: kv.node.id }, { text: ` (${t.you})`, tone: 'dim' }]]
  const width = Math.max(0, ...list.map(({ id }) => nodeName(id).length))
  for (const { id, state, inSync, rttMs } of list) {
    const sync = state === 'linked' ? ` · ${inSync ? t.peerInSync : t.peerCatchingUp}` : ''
    const away = rttMs === undefined ? '' : ` · ${t.roundTrip(rttMs)}`
    lines.push([
      { node: id },
      `${' '.repeat(width - nodeName(id).length)}  ${t.peerStates[state]}${sync}${away}`,
    ])
  }
  if (list.length === 0) lines.push([t.noPeers])
  return lines
}

function status({ kv, t, page, nodeName }: Context): Line[] {
  const { signaling, digest, size, clock } = kv.status()
  const server = { up: t.signalingUp, down: t.signalingDown, off: t.signalingOff }[signaling]
  const heard = clockRows(clock).map(({ nodeId, counter }) => `${nodeName(nodeId)} ${counter}`)
  return [
    [page.statusWords()],
    [`${t.keyCount(size)} · ${server}`],
    [{ text: `${t.digest} ${digest}`, tone: 'dim' }],
    ...(heard.length > 0 ? [[{ text: heard.join(', '), tone: 'dim' as const }]] : []),
  ]
}

function offline({ kv, t }: Context): Line[] {
  kv.goOffline()
  return [[t.nowOffline]]
}

function online({ kv, t }: Context): Line[] {
  kv.goOnline()
  return [[t.nowOnline]]
}

function room(rest: string, { kv, page }: Context): Line[] {
  if (rest === '') return [[kv.room.link]]
  page.goToRoom(rest)
  return []
}

function rooms({ kv, t, page }: Context): Line[] {
  return page
    .rooms()
    .map(({ code, size, lastUsed }) => [
      { text: code, tone: code === kv.room.code ? 'strong' : 'dim' },
      `  ${t.keyCount(size)} · ${code === kv.room.code ? t.thisRoom : page.age(lastUsed)}`,
    ])
}

/** The code has to be typed: that is the question before erasing. */
async function forget(rest: string, { kv, t, page }: Context): Promise<Line[]> {
  if (rest === '') throw new CommandError(t.forgetHow)
  const known = rest === kv.room.code || page.rooms().some(({ code }) => code === rest)
  if (!known) throw new CommandError(t.notARoomHere(rest))
  await page.forget(rest)
  return [[t.forgottenTitle]]
}

function help({ t }: Context): Line[] {
  const width = Math.max(...COMMAND_NAMES.map((name) => usageOf(name, t).length)) + 2
  return COMMAND_NAMES.map((name) => [{ text: usageOf(name, t), tone: 'strong', width }, t.commands[name]])
}

function usageOf(name: CommandName, { args }: Messages): string {
  return args[name] === undefined ? name : `${name} ${args[name]}`
}

function exit({ t, page }: Context): Line[] {
  page.leave()
  return [[t.bye]]
}

function silently(action: () => void): Line[] {
  action()
  return []
}

function oneKey(rest: string, name: CommandName, { t }: Context): string {
  if (rest === '') throw new CommandError(t.usage(usageOf(name, t)))
  const taken = takeWord(rest)
  if (!taken) throw new CommandError(t.openQuote)
  if (taken.rest !== '') throw new CommandError(t.oneKey)
  return taken.word
}

function isMerge(text: string): text is MergePolicy {
  return MERGES.includes(text)
}

function linesOf(value: Json): Line[] {
  return (value === '' ? '""' : textFromValue(value)).split('\n').map((line) => [line])
}

function oneLine(value: Json): string {
  const text = visible(textFromValue(value, 0))
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
