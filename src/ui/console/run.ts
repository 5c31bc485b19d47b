/** Runs one line and always answers with lines: what went wrong is one of them. */
import { troubleOf } from '../errors'
import { ALIASES, COMMAND_NAMES, CommandError, type CommandName, type Context, type Line } from './command'
import { COMMANDS } from './commands'
import { parseLine } from './parse'
import { nearest } from './suggest'

export async function runLine(line: string, context: Context): Promise<readonly Line[]> {
  const { name, rest } = parseLine(line)
  if (name === '') return []
  const known = commandNamed(name)
  if (!known) return [bad(unknown(name, context))]
  try {
    return await COMMANDS[known].run(rest, context)
  } catch (error) {
    if (error instanceof CommandError) return [bad(error.message)]
    const { title, detail } = troubleOf(error, context.t)
    return [bad(title), [{ text: detail, tone: 'dim' }]]
  }
}

export function commandNamed(name: string): CommandName | undefined {
  return Object.hasOwn(ALIASES, name) ? ALIASES[name] : COMMAND_NAMES.find((known) => known === name)
}

function unknown(name: string, { t }: Context): string {
  const near = nearest(name, [...COMMAND_NAMES, ...Object.keys(ALIASES)])
  return near === undefined ? t.unknownCommand(name) : t.suggestCommand(name, near)
}

function bad(text: string): Line {
  return [{ text, tone: 'bad' }]
}
