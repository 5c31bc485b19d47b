/** What a console command is. Commands are functions of a store and of what the page can do; they return lines to show. */
import type { Kv } from '../../runtime/contract'
import type { Messages } from '../i18n/en'
import type { RoomEntry } from '../page'

export const COMMAND_NAMES = [
  'set',
  'get',
  'del',
  'keys',
  'clock',
  'removed',
  'restore',
  'peers',
  'status',
  'offline',
  'online',
  'export',
  'import',
  'room',
  'new',
  'rooms',
  'forget',
  'clear',
  'help',
  'exit',
] as const
export type CommandName = (typeof COMMAND_NAMES)[number]

/** `sair` is what the program this comes from was left with. */
export const ALIASES: Record<string, CommandName> = { sair: 'exit', quit: 'exit' }

/**
 * A piece of a line: text in a tone, or a node, shown by its name in its colour. `width`: it is the first column of a
 * table, of so many characters; where there is no room for columns, it stands on a line of its own.
 */
export type Piece =
  string | { text: string; tone: 'dim' | 'strong' | 'bad'; width?: number } | { node: string }
export type Line = readonly Piece[]

export interface Context {
  kv: Kv
  t: Messages
  /** Pads to line up columns; names are shown by the page from the id. */
  nodeName(nodeId: string): string
  page: {
    exportFile(): void
    importFile(): void
    leave(): void
    newRoom(): void
    goToRoom(code: string): void
    rooms(): readonly RoomEntry[]
    forget(code: string): Promise<void>
    clear(): void
    statusWords(): string
    age(milliseconds: number): string
  }
}

export interface Command {
  /** Whether its first argument is a key, for completion; `removed`: one that others removed. */
  takesKey: boolean | 'removed'
  run(rest: string, context: Context): readonly Line[] | Promise<readonly Line[]>
}

/** Something that was typed wrong; its message is already in the reader's language. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
