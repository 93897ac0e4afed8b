import { optionsOf } from './arguments.ts'
import type { Command, CommandOption, ListedCommand } from './command.ts'
import { EXIT_CODES } from './exit-code.ts'

export function synopsis (name: string, { positionals }: ListedCommand, { options }: Command): string {
  return ['signalbox', name, ...positionals, ...Object.keys(options).length === 0 ? [] : ['[options]']].join(' ')
}

/** What `signalbox NAME --help` prints. */
export function helpOf (name: string, listed: ListedCommand, command: Command): string {
  const rows = Object.entries(optionsOf(command)).map(([option, about]) => [flag(option, about), about.help] as const)
  const width = Math.max(...rows.map(([left]) => left.length))
  return [
    `Usage: ${synopsis(name, listed, command)}`,
    '',
    `${listed.summary}.`,
    ...(command.details ?? []),
    '',
    'Options:',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    '',
    'Where the service wants a token it is taken from SIGNALBOX_TOKEN.',
    '',
    command.examples.length === 1 ? 'Example:' : 'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
    EXIT_CODES
  ].join('\n')
}

function flag (name: string, { short, value, multiple = false }: CommandOption): string {
  const letter = short === undefined ? '' : `-${short}, `
  return `${letter}--${name}${value === undefined ? '' : ` ${value}`}${multiple ? ' …' : ''}`
}
