import { readArguments } from './arguments.ts'
import { ALIASES, commandsOf } from './command-list.ts'
import type { Shipped } from '../sdk/pipeline.ts'
import { UsageError } from '../base/errors.ts'
import type { Command } from './command.ts'
import { EventClientError } from '../client/event-client-error.ts'
import { DEFAULT_URL, EventClient } from '../client/event-client.ts'
import { EXIT } from './exit-code.ts'
import { helpOf, synopsis } from './help.ts'
import { createScreen, plain, type Io } from './screen.ts'

/** Runs one client command against a service and answers its exit code. What goes wrong there is told on stderr. */
export async function runClientCommand (name: string, args: string[], io: Io, shipped: Shipped): Promise<number> {
  const known = ALIASES.get(name) ?? name
  const command = commandsOf(shipped).get(known)
  if (command === undefined) throw new Error(`${name} is not a client command`)
  io.stdout.on('error', leaveQuietly)
  try {
    return await run(known, command, args, io, shipped)
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof EventClientError)) throw error
    const usage = error instanceof UsageError || error.code === 'INVALID_ARGUMENT'
    io.stderr.write(`signalbox: ${plain(error.message)}\n${usage ? `Usage: ${synopsis(known, command)}; signalbox ${known} --help tells more\n` : hintFor(error)}`)
    return usage ? EXIT.usage : exitCodeFor(error)
  }
}

async function run (name: string, command: Command, args: string[], io: Io, { kinds }: Shipped): Promise<number> {
  const given = readArguments(args, command)
  if (given.has('help')) {
    io.stdout.write(helpOf(name, command))
    return EXIT.ok
  }
  const url = given.text('url') ?? (io.env['SIGNALBOX_URL'] || DEFAULT_URL)
  const client = new EventClient({ url, token: io.env['SIGNALBOX_TOKEN'] })
  try {
    return await command.run({ args: given, client, screen: createScreen(io, given.has('json')), url: url.replace(/\/+$/, ''), stdin: io.stdin ?? process.stdin, env: io.env, kinds })
  } finally {
    await client.close()
  }
}

const exitCodeFor = ({ statusCode = 500 }: EventClientError): number => statusCode >= 400 && statusCode < 500 ? EXIT.refused : EXIT.unavailable

const hintFor = ({ statusCode, code }: EventClientError): string => statusCode === 401
  ? 'The token is taken from SIGNALBOX_TOKEN\n'
  : code === 'CONNECTION_FAILED' ? 'Where is the service? --url or SIGNALBOX_URL says so; signalbox start runs one\n' : ''

/** Whoever reads the answer may stop reading: `signalbox events --all | head`. */
function leaveQuietly (error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
