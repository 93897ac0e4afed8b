import { parseArgs, type ParseArgsConfig } from 'node:util'
import { toMilliseconds } from '../base/duration.ts'
import { UsageError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import type { Arguments, Command, CommandOption, CommandOptions, ListedCommand } from './command.ts'

const COMMON: CommandOptions = {
  url: { type: 'string', value: 'URL', help: 'the service (SIGNALBOX_URL, else http://127.0.0.1:3000)' },
  json: { type: 'boolean', help: 'one JSON value, for programs' },
  help: { type: 'boolean', short: 'h', help: 'this text' }
}

export const optionsOf = ({ options }: Command): CommandOptions => ({ ...options, ...COMMON })

/** @throws UsageError */
export function readArguments (
  args: string[],
  listed: Pick<ListedCommand, 'positionals'>,
  command: Command
): Arguments {
  const options = optionsOf(command)
  const { values, positionals } = parse(withOptionalValues(args, options), options)
  if (values['help'] !== true) checkPositionals(positionals, listed)
  return {
    positionals,
    text: (name) => values[name] as string | undefined,
    texts: (name) => (values[name] ?? []) as string[],
    has: (name) => values[name] !== undefined
  }
}

type Parsed = { values: Record<string, unknown>, positionals: string[] }

function parse (args: string[], options: CommandOptions): Parsed {
  const known = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, toKnown(option)]))
  try {
    return parseArgs({ args, options: known, allowPositionals: true })
  } catch (error) {
    // Node's second sentence explains how to write a positional that begins with a dash.
    const [message = ''] = (error as Error).message.split('. ', 1)
    const [, given] = /Unknown option '(--?[^']*)'/.exec(message) ?? []
    const near = given === undefined ? undefined : nearest(given, Object.keys(options).map((name) => `--${name}`))
    throw new UsageError(near === undefined ? message : `${message}; did you mean ${near}?`)
  }
}

/** parseArgs refuses a `short` that is undefined. */
function toKnown ({ type, short, multiple = false }: CommandOption): NonNullable<ParseArgsConfig['options']>[string] {
  return short === undefined ? { type, multiple } : { type, multiple, short }
}

function checkPositionals (given: string[], { positionals }: Pick<ListedCommand, 'positionals'>): void {
  const missing = positionals.filter((name) => !name.startsWith('['))[given.length]
  if (missing !== undefined) throw new UsageError(`${missing} is missing`)
  const extra = given[positionals.length]
  if (extra !== undefined) throw new UsageError(`${JSON.stringify(extra)} is one argument too many`)
  if (given.includes('')) throw new UsageError(`${positionals[given.indexOf('')]} is empty`)
}

/** parseArgs knows no option with an optional value: `--wait` alone becomes `--wait=`. */
function withOptionalValues (args: string[], options: CommandOptions): string[] {
  const out: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '--') return [...out, ...args.slice(i)]
    if (options[arg.slice(2)]?.optionalValue !== true || !arg.startsWith('--')) out.push(arg)
    else out.push(isTime(args[i + 1] ?? '') ? `${arg}=${args[++i]}` : `${arg}=`)
  }
  return out
}

const isTime = (text: string): boolean => /^\d{1,9}(ms|s|m|h|d)?$/.test(text)

/** Milliseconds of `--wait`: Infinity without a time, undefined where it was not given. */
export function waitMsOf ({ text }: Arguments): number | undefined {
  const wait = text('wait')
  if (wait === undefined) return undefined
  if (wait === '') return Infinity
  if (!isTime(wait)) {
    throw new UsageError(`--wait ${JSON.stringify(wait)} is not a length of time such as 30, 90s or 5m`)
  }
  return toMilliseconds(/\d$/.test(wait) ? `${wait}s` : wait)
}

export function limitOf ({ text }: Arguments, most = 200): number | undefined {
  const limit = text('limit')
  if (limit === undefined) return undefined
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > most) {
    throw new UsageError(`--limit ${JSON.stringify(limit)} is not a number from 1 to ${most}`)
  }
  return Number(limit)
}

/** As RFC 3339 has it. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

/** `--since` or `--until`: an RFC 3339 time, or an age such as 2h. */
export function timeOf ({ text }: Arguments, name: 'since' | 'until', now = Date.now()): Date | undefined {
  const given = text(name)
  if (given === undefined) return undefined
  if (/^\d{1,9}(ms|s|m|h|d)$/.test(given)) return new Date(now - toMilliseconds(given))
  const time = INSTANT.test(given) ? Date.parse(given) : Number.NaN
  if (!Number.isNaN(time)) return new Date(time)
  throw new UsageError(
    `--${name} ${JSON.stringify(given)} is neither a time such as 2026-11-21T10:30:00Z nor an age such as 2h or 3d`
  )
}

/** One of a few words, undefined where it was not given. */
export function oneOf<const W extends string> ({ text }: Arguments, name: string, words: readonly W[]): W | undefined {
  const given = text(name)
  const word = words.find((one) => one === given)
  if (given !== undefined && word === undefined) {
    throw new UsageError(`--${name} ${JSON.stringify(given)} is not one of ${words.join(', ')}`)
  }
  return word
}
