/**
 * Files for import, as text: good ones, and broken or hostile ones with the error that each must meet. Plain
 * data, so that the browser tests feed the page with the same.
 */
import type { KvErrorCode } from './errors'

export interface BrokenFile {
  readonly name: string
  readonly code: KvErrorCode
  /** What the message must contain: the place. */
  readonly place: string
  readonly text: () => string
  /** Whether the JSON Schema can tell as well. */
  readonly breaksSchema: boolean
}

/** Two siblings of one key, a list, and a ghost of a write that has not arrived. */
export const GOOD_SNAPSHOT = `{
  "format": "fofoca-snapshot",
  "version": 1,
  "exportedAt": "2026-01-02T03:04:05.678Z",
  "context": { "ana.1": [[1, 3], [5, 9]], "rui.1": [[1, 2]] },
  "entries": {
    "chave": [
      { "value": "valor", "dot": ["ana.1", 3], "context": { "ana.1": 2 }, "time": 1000, "merge": "auto" },
      { "value": "outro", "dot": ["rui.1", 2], "context": { "ana.1": 1, "rui.1": 1 }, "time": 1001, "merge": "max" }
    ],
    "__proto__": [{ "value": [1, { "__proto__": null }], "dot": ["ana.1", 9], "context": {}, "time": 0, "merge": "auto" }]
  },
  "ghosts": { "chave": { "ana.1": 2, "eva.1": 4 } }
}`

export const BROKEN_FILES: readonly BrokenFile[] = [
  text('truncated', 'line 8', GOOD_SNAPSHOT.slice(0, 200)),
  text('empty', 'line 1', ''),
  text('not JSON', 'not valid JSON', 'set chave valor'),
  text('a list', 'the file', '[]'),
  text('null', 'the file', 'null'),
  text('a string', 'the file', '"chave"'),
  text('100,000 levels deep', 'the file', '['.repeat(100_000) + ']'.repeat(100_000)),

  edited('unknown format', 'format', '"fofoca-snapshot"', '"other-snapshot"'),
  edited('a version that is text', 'version', '"version": 1', '"version": "1"'),
  edited('version 0', 'version', '"version": 1', '"version": 0'),
  { ...edited('a newer version', 'version', '"version": 1', '"version": 2'), code: 'newer-version' },
  edited('no date', 'exportedAt', '"2026-01-02T03:04:05.678Z"', '"today"'),
  edited('no ghosts', '`ghosts`', ',\n  "ghosts": { "chave": { "ana.1": 2, "eva.1": 4 } }', ''),
  edited('an unknown field', 'room', '"version": 1', '"version": 1, "room": "lobby"'),

  edited('a context that is a list', 'context', '{ "ana.1": [[1, 3], [5, 9]], "rui.1": [[1, 2]] }', '[]'),
  edited('an actor without incarnation', 'context.ana', '"ana.1": [[1, 3]', '"ana": [[1, 3]'),
  edited(
    'an overlong actor',
    'context',
    '"rui.1": [[1, 2]]',
    `"rui.1": [[1, 2]], "a.${'1'.repeat(63)}": [[1, 1]]`,
  ),
  edited('an actor without intervals', 'context["rui.1"]', '[[1, 2]]', '[]'),
  edited('an interval of three', 'context["rui.1"][0]', '[[1, 2]]', '[[1, 2, 3]]'),
  edited('an interval from 0', 'context["rui.1"][0]', '[[1, 2]]', '[[0, 2]]'),
  edited('an interval to a fraction', 'context["rui.1"][0]', '[[1, 2]]', '[[1, 2.5]]'),
  edited('an interval past 2^53', 'context["rui.1"][0]', '[[1, 2]]', '[[1, 9007199254740992]]'),
  beyondSchema('an interval backwards', 'context["rui.1"][0]', '[[1, 2]]', '[[2, 1]]'),
  beyondSchema('intervals unsorted', 'context["ana.1"][1]', '[[1, 3], [5, 9]]', '[[5, 9], [1, 3]]'),
  beyondSchema('intervals overlapping', 'context["ana.1"][1]', '[[1, 3], [5, 9]]', '[[1, 5], [5, 9]]'),
  beyondSchema('intervals touching', 'context["ana.1"][1]', '[[1, 3], [5, 9]]', '[[1, 4], [5, 9]]'),

  edited('an empty key', 'entries[""]', '"chave": [', '"": ['),
  edited('an overlong key', 'entries.k', '"chave": [', `"${'k'.repeat(1_025)}": [`),
  beyondSchema('a key with half of a surrogate pair', 'entries', '"chave": [', '"\\ud83d": ['),
  edited('an empty list of versions', 'entries.vazia', '"chave": [', '"vazia": [], "chave": ['),
  edited('a version that is null', 'entries.chave[1]', '{ "value": "outro"', 'null, { "value": "outro"'),
  edited('a version without a value', 'entries.chave[0]', '"value": "valor", ', ''),
  edited('a dot that is text', 'entries.chave[0].dot', '["ana.1", 3]', '"ana.1:3"'),
  edited('a counter 0', 'entries.chave[0].dot', '["ana.1", 3]', '["ana.1", 0]'),
  edited('a counter that is not an integer', 'entries.chave[0].dot', '["ana.1", 3]', '["ana.1", 2.5]'),
  beyondSchema('a dot outside the context', 'entries.chave[0].dot', '["ana.1", 3]', '["ana.1", 4]'),
  beyondSchema('a dot twice', '.dot: stands twice', '["ana.1", 9]', '["ana.1", 3]'),
  edited('a context with counter 0', 'entries.chave[0].context["ana.1"]', '{ "ana.1": 2 }', '{ "ana.1": 0 }'),
  beyondSchema('a context that covers its own entry', 'entries.chave[0]', '{ "ana.1": 2 }', '{ "ana.1": 3 }'),
  beyondSchema('a context that covers a sibling', 'entries.chave[1]', '{ "ana.1": 2 }', '{ "rui.1": 2 }'),
  edited('a negative time', 'entries.chave[0].time', '"time": 1000', '"time": -1'),
  edited('a time that is not an integer', 'entries.chave[0].time', '"time": 1000', '"time": 1000.5'),
  edited('a time past the last date', 'entries.chave[0].time', '"time": 1000', '"time": 8640000000000001'),
  edited('an unknown merge policy', 'entries.chave[1].merge', '"max"', '"sum"'),
  edited('a merge policy by inheritance', 'entries.chave[1].merge', '"max"', '"toString"'),
  beyondSchema('a value with half of a surrogate pair', 'entries.chave[0].value', '"valor"', '"\\udc00"'),
  beyondSchema('a value past all numbers', 'entries.chave[0].value', '"valor"', '-1e999'),
  {
    ...beyondSchema(
      'a value of 65 levels',
      'entries.chave[0].value[0][0]',
      '"valor"',
      '['.repeat(65) + ']'.repeat(65),
    ),
    code: 'too-large',
  },
  {
    ...beyondSchema(
      'a value of 10,000 levels',
      'entries.chave[0].value',
      '"valor"',
      '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000),
    ),
    code: 'too-large',
  },
  {
    ...beyondSchema(
      'a value one byte too large',
      'entries.chave[0].value',
      '"valor"',
      `"${'v'.repeat(1_048_575)}"`,
    ),
    code: 'too-large',
  },
  edited('a ghost of no actor', 'ghosts.chave', '{ "ana.1": 2, "eva.1": 4 }', '{}'),
  edited('a ghost that is a number', 'ghosts.chave', '{ "ana.1": 2, "eva.1": 4 }', '7'),
  beyondSchema('a ghost over its own entry', 'ghosts.chave', '{ "ana.1": 2, "eva.1": 4 }', '{ "ana.1": 3 }'),
]

/** Tens and hundreds of megabytes: apart, for tests that have the time. */
export const HUGE_FILES: readonly BrokenFile[] = [
  {
    ...beyondSchema('one value of 100 MB', 'entries.chave[0].value', '"valor"', ''),
    code: 'too-large',
    text: () => replaced('"valor"', `"${'v'.repeat(100_000_000)}"`),
  },
  {
    ...text('a file one byte too large', '256 MiB', ''),
    code: 'too-large',
    text: () => GOOD_SNAPSHOT + ' '.repeat(268_435_457 - GOOD_SNAPSHOT.length),
  },
]

function text(name: string, place: string, content: string): BrokenFile {
  return { name, code: 'bad-snapshot', place, text: () => content, breaksSchema: true }
}

/** The good snapshot with one edit. */
function edited(name: string, place: string, from: string, to: string): BrokenFile {
  return text(name, place, replaced(from, to))
}

function beyondSchema(name: string, place: string, from: string, to: string): BrokenFile {
  return { ...edited(name, place, from, to), breaksSchema: false }
}

function replaced(from: string, to: string): string {
  if (!GOOD_SNAPSHOT.includes(from)) throw new Error(`not in the good snapshot: ${from}`)
  return GOOD_SNAPSHOT.replace(from, () => to)
}
