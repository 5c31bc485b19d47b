/** Everything the page says, in English. Its type is what every other language has to fill. */
import type { KvErrorCode, MergePolicy, PassedLimit, PeerState, RemovedValue } from '../../runtime/contract'
import type { CommandName } from '../console/command'
import type { EndReason } from '../page'
import type { Kind } from '../values/value-text'
import type { Outcome } from '../key/outcome'
import { twoDigits, wholeNumbers } from './whole-numbers'

const n = wholeNumbers('en')
const keys = (count: number) => (count === 1 ? '1 key' : `${n(count)} keys`)
const values = (count: number) => (count === 1 ? '1 value' : `${n(count)} values`)
const writes = (count: number) => (count === 1 ? '1 change' : `${n(count)} changes`)

const errors: Record<KvErrorCode | 'unknown', string> = {
  'bad-key': 'That key can’t be used',
  'bad-value': 'That value can’t be stored',
  'bad-option': 'That can’t be used here',
  'bad-snapshot': 'That file is not a snapshot that can be read',
  'newer-version': 'This comes from a newer version of Fofoca',
  'too-large': 'That is too large',
  'not-saved': 'The disk did not take it',
  cancelled: 'Cancelled, nothing has changed',
  closed: 'This room is closed',
  unknown: 'That did not work',
}

const limits: Record<PassedLimit['of'], (most: number) => string> = {
  'key bytes': (most) => `A key has 1 to ${n(most)} bytes: so many plain letters, fewer of all others.`,
  'value bytes': (most) => `A value has at most ${n(most)} bytes as JSON.`,
  'value levels': (most) => `A value has at most ${n(most)} levels of lists and objects.`,
  'file bytes': (most) => `A file has at most ${n(most)} bytes.`,
  'room code bytes': (most) =>
    `A code has 1 to ${n(most)} bytes: so many plain letters, fewer of all others.`,
}

const kinds: Record<Kind, string> = {
  text: 'text',
  number: 'number',
  boolean: 'true or false',
  null: 'null',
  list: 'list',
  object: 'object',
}

const merges: Record<MergePolicy, { name: string; help: string }> = {
  auto: { name: 'join', help: 'objects by field, lists by element, else the latest' },
  latest: { name: 'latest wins', help: 'by the time of writing' },
  union: { name: 'keep all', help: 'in one list' },
  max: { name: 'greatest wins', help: 'numbers by size, text by letters' },
  min: { name: 'least wins', help: 'numbers by size, text by letters' },
}

const outcomes: Record<Outcome, string> = {
  single: 'One version, nothing to merge.',
  same: 'They wrote the same, so that is the value.',
  latest: 'The latest wins.',
  fields: 'All are objects, so they are joined field by field.',
  elements: 'All are lists, so their elements are joined, each once.',
  union: 'The latest asks for all values, in one list.',
  max: 'The latest asks for the greatest.',
  min: 'The latest asks for the least.',
}

const peerStates: Record<PeerState, string> = {
  connecting: 'connecting',
  linked: 'linked',
  away: 'away',
  lost: 'gone',
}

const removedHow: Record<RemovedValue['how'], string> = {
  delete: 'deleted by',
  claim: 'was gone when we met',
  tab: 'was gone in another tab of this browser',
  import: 'removed by an imported file',
}

const ends: Record<EndReason, string> = {
  forgotten: 'Another tab of this browser forgot the room, and its data here is erased.',
  taken: 'Another tab of this browser carries on as this node. What you wrote is safe there.',
}

const commands: Record<CommandName, string> = {
  set: 'set a value: JSON where it parses, otherwise text. Quotes for a key with spaces',
  get: 'show a value',
  del: 'delete a key',
  keys: 'list the keys: all, those that begin with a prefix, or those with several versions',
  clock: 'show the vector clock of a key and its versions',
  removed: 'list what others removed',
  restore: 'put back what others removed, all of it or one key',
  peers: 'list the other nodes',
  status: 'show what is saved, and who has it',
  offline: 'drop all links and stop dialing',
  online: 'dial again',
  export: 'save everything to a file',
  import: 'choose a file and see what it would change',
  room: 'show this room’s link; with a code, go to that room',
  new: 'make a new private room and go there',
  rooms: 'list the rooms of this device',
  forget: 'leave a room and erase it from this browser',
  clear: 'empty this console',
  help: 'show this',
  exit: 'leave the room (also sair, quit)',
}

/** What follows the names of those that take something. */
const args: Partial<Record<CommandName, string>> = {
  set: '[--merge=union] <key> <value…>',
  get: '<key>',
  del: '<key>',
  keys: '[--conflicts] [prefix]',
  clock: '<key>',
  restore: '[key]',
  room: '[code]',
  forget: '<room>',
}

export const en = {
  // the frame
  skipToKey: 'Skip to the key',
  you: 'you',
  close: 'Close',
  cancel: 'Cancel',
  keep: 'Keep',
  tryAgain: 'Try again',
  undo: 'Undo',
  menu: 'Menu',
  language: 'Language',
  theme: 'Theme',
  themeSystem: 'System',
  themeLight: 'Light',
  themeDark: 'Dark',
  shortcuts: 'Shortcuts',
  shortcutFilter: 'filter keys',
  shortcutNew: 'new key',
  shortcutConsole: 'console',
  shortcutSave: 'save the value',
  shortcutDelete: 'delete the key in the list',
  errors,
  limits,

  // status
  status: 'Status',
  saved: 'saved',
  saving: 'saving…',
  notSaved: (count: number) => (count > 0 ? `not saved: ${writes(count)}` : 'not saved'),
  notSavedHelp:
    'The disk does not take it. What you write is kept in this tab and goes to your peers; we keep trying. Make room on the disk, or export to a file, before you close this tab.',
  memoryOnly: 'only in this tab',
  memoryOnlyHelp: 'This browser keeps nothing for this page. Close the tab, and what no peer has is gone.',
  youAreOffline: 'you are offline',
  withPeers: (inSync: number, all: number) =>
    inSync === all && all === 1 ? 'with 1 peer' : `with ${n(inSync)} of ${n(all)} peers`,
  catchingUp: (inSync: number, all: number) => `catching up, ${n(inSync)} of ${n(all)} in sync`,
  serverUnreachable: 'no server in reach, trying again',
  nobodyReached: 'no direct way to the others',
  unreachable: (count: number) =>
    `${count === 1 ? 'Another tab is' : `${n(count)} other tabs are`} in this room, but no direct way leads there: networks or firewalls keep you apart. Join the same network, or ask whoever runs this server to set up TURN. We keep trying.`,
  receiving: (done: number, total: number) => `receiving ${n(done)} of ${n(total)}`,
  intercepted:
    'Somebody sits between this tab and another one, perhaps the server. That link was refused, and nothing was sent. Try another network or another server.',
  updateNeeded: 'A peer runs a newer version of Fofoca. Reload to talk to it.',
  reload: 'Reload',
  connecting: 'connecting…',
  alone: 'nobody else here yet',
  online: 'Online',
  offline: 'Offline',
  goOffline: 'Go offline',
  goOnline: 'Go online',

  // peers
  peers: (count: number) => (count === 1 ? '1 peer' : `${n(count)} peers`),
  peersTitle: 'Who is here',
  peerStates,
  peerInSync: 'in sync',
  peerCatchingUp: 'catching up',
  roundTrip: (milliseconds: number) => `${n(twoDigits(milliseconds))} ms away`,
  serverIsAway: 'The server is out of reach: the links that are there go on, new ones have to wait.',
  noPeers: 'Nobody else is here. Open this room in another tab, or share its link.',
  traffic: (received: string, sent: string) => `${received} in, ${sent} out`,

  // rooms
  room: 'Room',
  lobby: 'lobby',
  rooms: 'Rooms on this device',
  roomsEmpty: 'None yet.',
  thisRoom: 'this room',
  newRoom: 'New private room',
  newRoomHelp: 'A code that nobody can guess. Only those with the link get in.',
  enterCode: 'Code or link of a room',
  goThere: 'Go',
  roomSize: keys,
  forget: 'Forget',
  forgetNamed: (room: string) => `Forget ${room} on this device`,
  forgetQuestion: 'Forget this room on this device? Its data here is erased; others keep theirs.',
  forgetConfirm: 'Erase',
  share: 'Share',
  shareTitle: 'Invite somebody',
  shareHelp: 'Whoever has this link is in: they can read and write everything here.',
  shareSheet: 'Share with an app…',
  qrCode: 'QR code of the link to this room: scan it with another device',
  roomCode: 'The room’s code',
  codeToReadOut: 'To read out',
  link: 'Link to this room',
  copyLink: 'Copy link',
  copied: 'Copied',
  copyByHand: 'Selected: press Ctrl+C or ⌘C to copy',
  lobbyWarning: 'This is the lobby: everyone on this server can read and write it.',
  shortCodeWarning: 'This room’s code is short or simple: it can be guessed, by the server too.',
  openSecondTab: 'Open a second tab',

  // keys
  keys: 'Keys',
  keyCount: keys,
  keyCountOf: (shown: number, all: number) => `${n(shown)} of ${keys(all)}`,
  filter: 'Filter keys',
  clearFilter: 'Clear the filter',
  conflictsOnly: (count: number) => (count === 1 ? '1 conflict' : `${n(count)} conflicts`),
  conflictsOnlyHelp: 'Show only keys with several versions',
  keysToCome: 'Keys appear here the moment somebody sets one, in this tab or another.',
  newKey: 'New key',
  noMatch: (text: string) => `No key contains “${text}”.`,
  createKey: (key: string) => `Create “${key}”`,
  versionsShort: (count: number) => `${n(count)} versions`,

  // the key
  key: 'Key',
  backToKeys: 'Keys',
  value: 'Value',
  valueOf: (key: string) => `Value of ${key}`,
  valuePlaceholder: 'Text, or JSON such as [1, 2] or {"a": true}',
  keyPlaceholder: 'a name, such as color',
  save: 'Save',
  saveNew: 'Set',
  revert: 'Revert',
  delete: 'Delete',
  deleted: (key: string) => `Deleted “${key}”`,
  kinds,
  elements: (count: number) => (count === 1 ? '1 element' : `${n(count)} elements`),
  fields: (count: number) => (count === 1 ? '1 field' : `${n(count)} fields`),
  characters: (count: number) => (count === 1 ? '1 character' : `${n(count)} characters`),
  keepAsText: 'Keep as text',
  rounded: (typed: string, stored: string) => `${typed} is stored as ${stored}`,
  repeated: (field: string) => `“${field}” stands twice: the last one is stored`,
  keyExists: 'This key is there already: you would write over it.',
  changedMeanwhile: (name: string) => `${name} changed this while you were typing.`,
  showTheirs: 'Show theirs',
  keyIsGone: 'This key is not there any more.',
  largeValue: (size: string) => `The beginning of a value of ${size}.`,
  showAll: 'Show all',
  editLarge: 'Edit',
  merge: 'If others write at the same time:',
  merges,
  roomTitle: (count: number) => `${keys(count)} in this room`,
  roomClock: 'The room’s clock',
  roomClockHelp: 'How many writes of each node have arrived here without a gap.',
  recent: 'What changed last',
  conflictsHere: (count: number) =>
    count === 1 ? 'One key has several versions.' : `${n(count)} keys have several versions.`,
  lookAtConflicts: 'Look',
  nothingSelected: 'Choose a key to see its value and who wrote it.',

  // versions and clocks
  versions: (count: number) => (count === 1 ? 'Version' : `${n(count)} versions, concurrent`),
  concurrentHelp: 'Nobody who wrote these had seen the others. Every node shows the same result.',
  outcomes,
  winsLater: (by: string) => `wins: ${by} later`,
  winsBy: {
    name: 'wins: same time, later by name',
    greatest: 'wins: the greatest',
    least: 'wins: the least',
  },
  ruleCounts: 'the latest, its rule counts',
  keepThis: 'Keep this',
  keepThisNamed: (name: string) => `Keep this, the version of ${name}`,
  keptShown: 'Keep the result',
  hadNotSeen: (names: string) => `had not seen ${names}`,
  dot: 'dot',
  milliseconds: 'ms',
  clock: 'Vector clock',
  clockHelp: 'How far into each node’s writes this value reaches.',
  clockRow: (name: string, counter: string) => `${name}: ${counter}`,
  clockRowPartly: (name: string, seen: string, counter: string) => `${name}: ${seen} of ${counter}`,

  // an empty room
  welcome: 'Values that travel by word of mouth',
  welcomeHelp: 'Every tab that opens this room holds all of it, and tells the others what is new.',
  step1: 'Set a key',
  step2: 'Open a second tab',
  step2Help: 'It is a node of its own. Watch your key arrive.',
  step3: 'Share the link',
  step3Help: 'Another device, another person: no account, no server that stores it.',
  conflictTip: 'Curious? Go offline in two tabs, set the same key in both, go online, and see who wins.',

  // rooms that are not open
  opening: (room: string) => `Opening ${room}…`,
  leave: 'Leave the room',
  leftTitle: 'You have left',
  leftHelp: 'What you wrote is kept in this browser, and with everyone who has it.',
  openAgain: 'Open again',
  forgottenTitle: 'Forgotten',
  forgottenHelp: 'This browser keeps nothing of that room any more. Others still have theirs.',
  goToLobby: 'Go to the lobby',
  endedTitle: 'This tab has stopped',
  ends,
  failedTitle: 'This room did not open',
  startTitle: 'Start a room',
  startHelp: 'This server has no lobby. Make a private room, or open a link that somebody gave you.',

  // files
  export: 'Export to a file',
  exporting: 'Exporting',
  exported: (file: string) => `Saved as ${file}`,
  import: 'Import from a file',
  importing: 'Importing',
  reading: 'Reading the file',
  importTitle: 'What this file will do',
  importNothing: 'Nothing: everything in it is known here already, or older than what is here.',
  importEmpty: 'Nothing: the file holds no keys.',
  importAdded: 'added',
  importUpdated: 'updated',
  importRemoved: 'removed',
  importConflicts: 'with several versions',
  importUnchanged: 'unchanged',
  importConfirm: 'Import',
  imported: (count: number) =>
    count === 0 ? 'Imported, nothing changed' : `Imported: ${keys(count)} changed`,
  andMore: (count: number) => `and ${n(count)} more`,
  progress: (done: number, total: number) => `${n(done)} of ${n(total)}`,
  dropHere: 'Drop the file to see what it would change',

  // what others removed
  removedEntry: (count: number) => `Removed by others (${n(count)})`,
  removedTitle: 'Removed by others',
  removedHelp:
    'This browser can put it back for 24 hours. It comes back as your write, and everybody gets it.',
  removedNothing:
    'Nothing is left to put back: all of it is there again, or was removed more than 24 hours ago.',
  removedHow,
  restore: 'Put back',
  restoreNamed: (key: string) => `Put back ${key}`,
  restoreAll: (count: number) => (count === 1 ? 'Put it back' : `Put all ${n(count)} back`),
  restored: (count: number) => (count === 1 ? '1 value is back' : `${values(count)} are back`),
  wiped: (count: number, name: string | undefined) =>
    name === undefined ? `Others removed ${values(count)}.` : `${name} removed ${values(count)}.`,
  lookAtRemoved: 'Look',

  // the console
  console: 'Console',
  consoleLog: 'What the console has said',
  consoleInput: 'Command',
  consoleHint: 'Try: set color "blue", then get color. help shows the rest.',
  openConsole: 'Open the console',
  foldConsole: 'Fold the console',
  commands,
  unknownCommand: (name: string) => `There is no command “${name}”. Type help for those there are.`,
  suggestCommand: (name: string, other: string) => `There is no command “${name}”. Did you mean ${other}?`,
  args,
  usage: (usage: string) => `Usage: ${usage}`,
  openQuote: 'A quote is open: close it, or leave it out.',
  oneKey: 'One key, please. Put a key with spaces in quotes.',
  unknownMerge: (name: string) => `There is no merge policy “${name}”: auto, latest, union, max or min.`,
  noValue: (key: string) => `“${key}” has no value.`,
  consoleRestored: (key: string) => `“${key}” is back.`,
  notRestored: (key: string) =>
    `“${key}” can’t be put back: nobody else removed it in the last 24 hours, or it is there.`,
  noRemoved: 'Others removed nothing that could be put back.',
  notShownRemoved: (count: number) => `… and ${n(count)} more: restore puts all of it back.`,
  consoleDeleted: (key: string) => `“${key}” deleted.`,
  noKeys: 'No keys.',
  noConflicts: 'No key has several versions.',
  notShown: (count: number) => `… and ${n(count)} more: add a prefix.`,
  wins: 'wins',
  digest: 'digest',
  signalingUp: 'server in reach',
  signalingDown: 'server out of reach',
  signalingOff: 'not connected to the server',
  nowOffline: 'Offline. What you write stays here until you are back.',
  nowOnline: 'Online again.',
  forgetHow: 'Type forget and the room’s code; it erases the room from this browser.',
  notARoomHere: (code: string) => `“${code}” is not among the rooms of this device.`,
  bye: 'Bye.',
}

export type Messages = typeof en
