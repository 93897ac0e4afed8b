import { UsageError } from '../base/errors.ts'
import { EventClientError } from '../client/event-client-error.ts'
import type { Shipped } from '../sdk/pipeline.ts'
import { readArguments } from './arguments.ts'
import { COMMANDS, commandName, isClientCommand } from './command-list.ts'
import type { Command, CommandContext, ListedCommand } from './command.ts'
import { EXIT } from './exit-code.ts'
import { helpOf, synopsis } from './help.ts'
import { createScreen, type Io } from './screen.ts'
import { writeError } from './tell-error.ts'

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
  try {
    return await run(name, listed, args, io, loadShipped)
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof EventClientError)) throw error
    const isUsage = error instanceof UsageError || error.code === 'INVALID_ARGUMENT'
    const usage = `Usage: ${synopsis(name, listed, await listed.load())}; signalbox ${name} --help tells more`
    const { statusCode, code, field } =
      error instanceof UsageError ? ({ code: 'USAGE' } as Partial<EventClientError>) : error
    writeError(io.stderr, args.includes('--json'), {
      code: code ?? 'USAGE',
      message: error.message,
      statusCode,
      field,
      hint: isUsage ? usage : await hintFor(error, args, io)
    })
    return isUsage ? EXIT.usage : exitCodeFor(error as EventClientError)
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
  const url = given.text('url') ?? urlOf(io)
  const client = new EventClient({ url, token: io.env['SIGNALBOX_TOKEN'] })
  const context = {
    args: given,
    client,
    screen: createScreen(io, given.has('json')),
    url: url.replace(/\/+$/, ''),
    stdin: io.stdin ?? process.stdin,
    env: io.env,
    commands,
    loadKinds: async () => (await loadShipped()).kinds
  }
  try {
    return await command.run(context)
  } finally {
    await client.close()
  }
}

const commands: CommandContext['commands'] = {
  shown: Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.isHidden !== true),
  find: (name) => isClientCommand(name) ? COMMANDS[commandName(name)] : undefined
}

const exitCodeFor = ({ statusCode = 500 }: EventClientError): number =>
  statusCode >= 400 && statusCode < 500 ? EXIT.refused : EXIT.unavailable

async function hintFor (error: Error, args: string[], io: Io): Promise<string | undefined> {
  if (!(error instanceof EventClientError)) return undefined
  if (error.statusCode === 401) return 'The token is taken from SIGNALBOX_TOKEN'
  if (error.code === 'CONNECTION_FAILED') {
    return 'Where is the service? --url or SIGNALBOX_URL says so; signalbox start runs one'
  }
  if (error.statusCode !== 404) return undefined
  const [{ EventClient }, { unknownName }] = await Promise.all([
    import('../client/event-client.ts'),
    import('./unknown.ts')
  ])
  const at = args.indexOf('--url')
  const given = at === -1 ? args.find((arg) => arg.startsWith('--url='))?.slice('--url='.length) : args[at + 1]
  const client = new EventClient({ url: given ?? urlOf(io), token: io.env['SIGNALBOX_TOKEN'], retries: 0 })
  try {
    return await unknownName(error, client)
  } finally {
    await client.close()
  }
}

const urlOf = ({ env }: Io): string => env['SIGNALBOX_URL'] || DEFAULT_URL
