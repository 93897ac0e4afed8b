import { UsageError } from '../base/errors.ts'
import { EventClientError } from '../client/event-client-error.ts'
import type { Shipped } from '../sdk/pipeline.ts'
import { readArguments } from './arguments.ts'
import { COMMANDS, commandName } from './command-list.ts'
import type { Command, ListedCommand } from './command.ts'
import { EXIT } from './exit-code.ts'
import { helpOf, synopsis } from './help.ts'
import { createScreen, plain, type Io } from './screen.ts'

const DEFAULT_URL = 'http://127.0.0.1:3000'

type LoadShipped = () => Promise<Shipped>

/** Whether a command asks the query of a pipeline. */
export const isQueryCommand = async (name: string, load: LoadShipped): Promise<boolean> =>
  (await load()).queries.has(name)

/**
 * Runs one client command against a service and answers its exit code. What goes wrong there is
 * told on stderr. `loadShipped` is called by those commands that need to know what is shipped.
 */
export async function runClientCommand (
  given: string,
  args: string[],
  io: Io,
  loadShipped: LoadShipped
): Promise<number> {
  const name = commandName(given)
  const listed = await find(name, loadShipped)
  io.stdout.on('error', leaveQuietly)
  try {
    return await run(name, listed, args, io, loadShipped)
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof EventClientError)) throw error
    const isUsage = error instanceof UsageError || error.code === 'INVALID_ARGUMENT'
    const usage = `Usage: ${synopsis(name, listed, await listed.load())}; signalbox ${name} --help tells more\n`
    io.stderr.write(`signalbox: ${plain(error.message)}\n${isUsage ? usage : hintFor(error)}`)
    return isUsage ? EXIT.usage : exitCodeFor(error)
  }
}

async function find (name: string, loadShipped: LoadShipped): Promise<ListedCommand> {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name] as ListedCommand
  const { listedQuery } = await import('./query.ts')
  const query = (await loadShipped()).queries.get(name)
  if (query === undefined) throw new Error(`${name} is not a client command`)
  return listedQuery(query)
}

async function run (
  name: string,
  listed: ListedCommand,
  args: string[],
  io: Io,
  loadShipped: LoadShipped
): Promise<number> {
  const command: Command = await listed.load()
  const given = readArguments(args, listed, command)
  if (given.has('help')) {
    io.stdout.write(helpOf(name, listed, command))
    return EXIT.ok
  }
  const { EventClient } = await import('../client/event-client.ts')
  const url = given.text('url') ?? (io.env['SIGNALBOX_URL'] || DEFAULT_URL)
  const client = new EventClient({ url, token: io.env['SIGNALBOX_TOKEN'] })
  const context = {
    args: given,
    client,
    screen: createScreen(io, given.has('json')),
    url: url.replace(/\/+$/, ''),
    stdin: io.stdin ?? process.stdin,
    env: io.env,
    loadKinds: async () => (await loadShipped()).kinds
  }
  try {
    return await command.run(context)
  } finally {
    await client.close()
  }
}

const exitCodeFor = ({ statusCode = 500 }: EventClientError): number =>
  statusCode >= 400 && statusCode < 500 ? EXIT.refused : EXIT.unavailable

function hintFor ({ statusCode, code }: EventClientError): string {
  if (statusCode === 401) return 'The token is taken from SIGNALBOX_TOKEN\n'
  if (code !== 'CONNECTION_FAILED') return ''
  return 'Where is the service? --url or SIGNALBOX_URL says so; signalbox start runs one\n'
}

/** Whoever reads the answer may stop reading: `signalbox events --all | head`. */
function leaveQuietly (error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
