import { createColors } from 'picocolors'

export type Io = {
  env: Record<string, string | undefined>
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  /** The process's own unless given. */
  stdin?: NodeJS.ReadableStream
}

export type Colors = ReturnType<typeof createColors>

/** Where a command writes: answers to stdout, all that accompanies them to stderr. */
export interface Screen {
  colors: Colors
  /** Whether the answer is to be JSON: then `print` is not for you. */
  json: boolean
  /** Columns of the terminal; Infinity where it is none. */
  width: number
  print: (...lines: string[]) => void
  printJson: (value: unknown) => void
  /** For an answer that is written as it comes. */
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  stderrColors: Colors
}

export function createScreen ({ env, stdout, stderr }: Io, json: boolean): Screen {
  return {
    colors: colorsFor(stdout, env),
    json,
    width: stdout.isTTY ? stdout.columns || 80 : Infinity,
    print: (...lines) => { stdout.write(lines.map((line) => `${line}\n`).join('')) },
    printJson: (value) => { stdout.write(`${JSON.stringify(value, null, stdout.isTTY ? 2 : undefined)}\n`) },
    stdout,
    stderr,
    stderrColors: colorsFor(stderr, env)
  }
}

const colorsFor = (stream: NodeJS.WriteStream, env: Io['env']): Colors =>
  createColors(stream.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb')

/* eslint-disable no-control-regex */
/** CSI and OSC, narrower than node:util's stripVTControlCharacters, which takes text between two of them for a link. */
const SEQUENCES = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g
/** Control characters, and those that turn the direction of writing. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g
/* eslint-enable no-control-regex */

/** Text of others on one line of a terminal, which must not obey it. */
export const plain = (text: string): string => text.replace(SEQUENCES, '').replace(UNSEEN, ' ').trimEnd()

export const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`
