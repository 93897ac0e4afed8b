import type { EventClient } from '../client/event-client.ts'
import type { Kinds } from '../sdk/blocks/kind.ts'
import type { Screen } from './screen.ts'

export type CommandOption = {
  type: 'string' | 'boolean'
  short?: string
  multiple?: boolean
  /** What its value is called in the help. */
  value?: string
  /** `--wait` may stand alone or with a length of time. */
  optionalValue?: boolean
  help: string
}

export type CommandOptions = Record<string, CommandOption>

/** What was given on the command line, after its check. */
export type Arguments = {
  positionals: string[]
  text: (name: string) => string | undefined
  texts: (name: string) => string[]
  has: (name: string) => boolean
}

export type CommandContext = {
  args: Arguments
  client: EventClient
  screen: Screen
  /** Address of the service, for people to follow. */
  url: string
  stdin: NodeJS.ReadableStream
  env: Record<string, string | undefined>
  /** The commands that there are, for completion. */
  commands: { shown: string[], find: (name: string) => ListedCommand | undefined }
  /** The kinds of blocks that the service has, too. */
  loadKinds: () => Promise<Kinds>
}

/** One client command: `run` answers with the exit code. Its arguments and its summary stand in command-list.ts. */
export type Command = {
  /** More than one line can say, each its own line. */
  details?: string[]
  options: CommandOptions
  examples: string[]
  run: (context: CommandContext) => Promise<number>
}

/** A command as the help lists it. The rest is loaded when it runs. */
export type ListedCommand = {
  /** Names of the positional arguments; `[NAME]` need not be given. */
  positionals: readonly string[]
  summary: string
  /** For programs: the help does not list it. */
  isHidden?: true
  load: () => Promise<Command>
}

export const waitOption: CommandOption = {
  type: 'string',
  optionalValue: true,
  value: '[TIME]',
  help: 'until all has ended, or for so long: seconds, or 90s, 5m, 2h'
}

export const sinceOption = (help: string): CommandOption =>
  ({ type: 'string', value: 'TIME', help: `${help}: 2026-11-21T10:30:00Z, or an age such as 2h, 3d` })

export const limitOption: CommandOption = { type: 'string', value: 'NUMBER', help: 'how many to show, 1 to 200 (50)' }
export const allOption: CommandOption = { type: 'boolean', help: 'page after page, to the end' }
