import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CausalContext } from './causality/context'
import { type Actor, parseActor } from './causality/dot'
import type { Intervals } from './causality/intervals'
import { type VersionVector, vectorOf } from './causality/version-vector'
import { KvError } from './errors'
import { encodeSnapshot, encodeSnapshotSteps, type Snapshot } from './snapshot'
import type { StateFragment } from './store/fragment'
import { decodeImport, decodeImportSteps } from './snapshot-import'
import { BROKEN_FILES, GOOD_SNAPSHOT, HUGE_FILES } from './snapshot.fixtures'
import type { Progress, Steps } from './steps'
import { canonicalText, type Json, type Key, MERGE_POLICIES, parseKey, parseValue } from './store/value'
import type { Version } from './store/version'

const schema = JSON.parse(
  readFileSync(new URL('../../public/snapshot.schema.json', import.meta.url), 'utf8'),
) as object
const validate = new Ajv2020({ validateFormats: false }).compile(schema)

const AT = '2026-01-02T03:04:05.678Z'
const sizeOf = (json: unknown): number => Buffer.byteLength(canonicalText(json as Json))

function refusal(raw: unknown): KvError {
  try {
    decodeImport(raw)
  } catch (error) {
    if (error instanceof KvError) return error
    throw error
  }
  throw new Error('was taken')
}

function decodedSnapshot(raw: unknown): StateFragment {
  const file = decodeImport(raw)
  if (file.kind !== 'snapshot') throw new Error('is plain')
  return file.fragment
}

function progressOf(steps: Steps<unknown>): Progress[] {
  return [...steps]
}

describe('a good snapshot', () => {
  it('is decoded and encoded again without loss', () => {
    const fragment = decodedSnapshot(GOOD_SNAPSHOT)
    expect([...fragment.entries.keys()]).toEqual(['chave', '__proto__'])
    expect(canonicalText(encodeSnapshot(fragment, AT))).toBe(canonicalText(JSON.parse(GOOD_SNAPSHOT) as Json))
  })

  it('is the same as text and as an object, and tells the size of its canonical JSON', () => {
    const object: unknown = JSON.parse(GOOD_SNAPSHOT)
    expect(decodeImport(object)).toEqual(decodeImport(GOOD_SNAPSHOT))
    expect(decodeImport(object).bytes).toBe(sizeOf(object))
  })

  it('validates against the schema', () => {
    expect(validate(JSON.parse(GOOD_SNAPSHOT))).toBe(true)
  })

  it('is not touched by the import, and what was decoded does not change with it', () => {
    const object = JSON.parse(GOOD_SNAPSHOT) as { entries: { __proto__: { value: unknown[] }[] } }
    const before = decodeImport(GOOD_SNAPSHOT)
    const decoded = decodeImport(object)
    Object.getOwnPropertyDescriptor(object.entries, '__proto__')?.value[0].value.push('later')
    expect(decoded).toEqual(before)
  })

  it('shows progress entry by entry, both ways', () => {
    const expected = [
      { done: 1, total: 2 },
      { done: 2, total: 2 },
    ]
    expect(progressOf(decodeImportSteps(GOOD_SNAPSHOT))).toEqual(expected)
    expect(progressOf(encodeSnapshotSteps(decodedSnapshot(GOOD_SNAPSHOT), AT))).toEqual(expected)
  })

  it('of an empty state is empty', () => {
    const empty = encodeSnapshot({ context: new Map(), entries: new Map(), ghosts: new Map() }, AT)
    expect(decodeImport(empty)).toMatchObject({ kind: 'snapshot', bytes: sizeOf(empty) })
  })
})

describe('a broken or hostile file is refused, with the place:', () => {
  it.each(BROKEN_FILES)('$name', ({ code, place, text }) => {
    const error = refusal(text())
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(place)
    expect(error.message.length).toBeLessThan(600)
  })

  it.each(HUGE_FILES)('$name', ({ code, place, text }) => {
    const error = refusal(text())
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(place)
  })

  it.each(BROKEN_FILES.filter(({ text }) => isJson(text())))('$name (schema)', ({ breaksSchema, text }) => {
    expect(validate(JSON.parse(text()))).toBe(!breaksSchema)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('an object that is not mere data', () => {
  const good = (): Record<string, unknown> => JSON.parse(GOOD_SNAPSHOT) as Record<string, unknown>

  it.each([undefined, 7, Symbol('x'), () => ({}), new Date(0), new Map(), new URL('http://localhost')])(
    '%o',
    (raw) => {
      expect(refusal(raw)).toMatchObject({ code: 'bad-snapshot' })
    },
  )

  it('with a getter is refused without running it', () => {
    let runs = 0
    const file = Object.defineProperty(good(), 'entries', { enumerable: true, get: () => (runs += 1) })
    expect(refusal(file).message).toBe('entries: a getter is not JSON')
    expect(runs).toBe(0)
  })

  it('with a cycle is refused', () => {
    const value: unknown[] = []
    value.push(value)
    expect(refusal({ chave: value })).toMatchObject({
      code: 'bad-value',
      message: 'chave[0]: contains itself',
    })
    const file = good()
    file['entries'] = file
    expect(refusal(file)).toMatchObject({ code: 'bad-snapshot' })
  })

  it('that throws when it is looked at is refused with its error as the cause', () => {
    const cause = new Error('mine')
    const file = new Proxy(good(), {
      ownKeys: () => {
        throw cause
      },
    })
    expect(refusal(file)).toMatchObject({ code: 'bad-snapshot', cause })
  })

  it('has no `toJSON`: that is a key like others', () => {
    expect(refusal({ toJSON: () => ({}) })).toMatchObject({ code: 'bad-value' })
    expect(decodeImport({ toJSON: 1 })).toEqual({ kind: 'plain', entries: [['toJSON', 1]], bytes: 12 })
  })
})

describe('a plain file', () => {
  it('is key by key; a later duplicate wins', () => {
    const text = '{ "a": 1, "__proto__": {"x": -0}, "a": [true, "é"] }'
    expect(decodeImport(text)).toEqual({
      kind: 'plain',
      entries: [
        ['a', [true, 'é']],
        ['__proto__', { x: 0 }],
      ],
      bytes: sizeOf(JSON.parse(text)),
    })
  })

  it('may have `format` or `version`, but not both', () => {
    expect(decodeImport('{"format":1}').kind).toBe('plain')
    expect(decodeImport('{"version":2}').kind).toBe('plain')
    expect(refusal('{"format":"fofoca-snapshot-","version":2}')).toMatchObject({ code: 'bad-snapshot' })
  })

  it.each([
    ['bad-key', '{"":1}', '[""]: a key has 1 to 1024 UTF-8 bytes; this one has 0'],
    ['bad-value', '{"chave":{"a":[1,"\\ud800"]}}', 'chave.a[1]: half of a surrogate pair'],
    ['too-large', `{"chave":"${'v'.repeat(1_048_575)}"}`, 'chave: a value has at most'],
  ])('with a key or value past the limits is refused: %s', (code, text, message) => {
    expect(refusal(text)).toMatchObject({ code, message: expect.stringContaining(message) as string })
  })
})

describe('a file of 256 MiB', () => {
  it('is taken as text, and one byte more is not', () => {
    const padded = GOOD_SNAPSHOT + ' '.repeat(268_435_456 - GOOD_SNAPSHOT.length)
    expect(decodeImport(padded).bytes).toBe(sizeOf(JSON.parse(GOOD_SNAPSHOT)))
    expect(refusal(`${padded} `)).toMatchObject({ code: 'too-large' })
  })

  it('is taken as an object, and one byte more is not', () => {
    const filler = 'v'.repeat(1_048_576 - 10) // with its key, quotes, colon and comma: 1 MiB
    const file: Record<string, string> = Object.fromEntries(
      Array.from({ length: 256 }, (_, at) => [`k${String(at).padStart(3, '0')}`, filler]),
    )
    file['k000'] = filler.slice(1) // for two braces, and one comma less
    expect(decodeImport(file).bytes).toBe(268_435_456)
    file['k000'] = filler
    expect(refusal(file)).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('256 MiB') as string,
    })
  })
})

describe('any state', () => {
  it('comes back from its snapshot, which validates, and whose size is told', () => {
    fc.assert(
      fc.property(anyFragment, (fragment) => {
        const snapshot = encodeSnapshot(fragment, AT)
        expect(validate(snapshot)).toBe(true)
        const throughText = decodeImport(JSON.stringify(snapshot))
        expect(throughText).toEqual({ kind: 'snapshot', fragment, bytes: sizeOf(snapshot) })
        expect(decodeImport(snapshot)).toEqual(throughText)
      }),
      { numRuns: 200 },
    )
  })

  it('with anything at all in place of one part is taken or refused with a KvError', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<keyof Snapshot>('context', 'entries', 'ghosts'),
        fc.jsonValue(),
        (field, junk) => {
          const file = { ...(JSON.parse(GOOD_SNAPSHOT) as Snapshot), [field]: junk }
          try {
            decodeImport(file)
          } catch (error) {
            expect(error).toBeInstanceOf(KvError)
          }
        },
      ),
    )
  })
})

/** States with E1 and no context or ghost over an entry of its key: all that an import asks for. */
const anyFragment: fc.Arbitrary<StateFragment> = fc
  .array(
    fc.record({
      key: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).map((raw) => parseKey(raw)),
      actor: fc.constantFrom('ana.1', 'rui.1', 'rui.2').map((raw) => parseActor(raw) as Actor),
      time: fc.nat(),
      merge: fc.constantFrom(...MERGE_POLICIES),
      value: fc.jsonValue({ stringUnit: 'grapheme' }).map((raw) => parseValue(raw)),
      stays: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((writes) => {
    const context = new CausalContext()
    const entries = new Map<Key, Version[]>()
    const ghosts = new Map<Key, VersionVector>()
    writes.forEach(({ key, stays, ...version }, at) => {
      const counter = at + 1
      context.add(version.actor, counter, counter)
      const unseen = vectorOf([['eva.1' as Actor, counter]])
      if (!stays) ghosts.set(key, unseen)
      else entries.set(key, [...(entries.get(key) ?? []), { ...version, time: at, counter, context: unseen }])
    })
    return { context: new Map<Actor, Intervals>(context.rows()), entries, ghosts }
  })
