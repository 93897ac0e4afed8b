#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isClientCommand } from './cli/command-list.ts'
import { fromOriginal, isOriginal } from './cli/original.ts'
import { leaveQuietly, tellError } from './cli/tell-error.ts'

// What a command needs is imported when it runs: a client command never loads the service, and the help loads neither.

const home = join(fileURLToPath(new URL('.', import.meta.url)), '..')
const readPackage = (): { version: string } => JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))

const loadShipped = async () => (await import('./roles/shipped.ts')).shipped

/** Answers the exit code. */
async function main (given: string[]): Promise<number> {
  const [command = 'help', ...args] = isOriginal(given) ? fromOriginal(given) : given
  if (['help', '--help', '-h'].includes(command)) {
    const { usage } = await import('./cli/usage.ts')
    process.stdout.write(await usage(loadShipped))
    return 0
  }
  if (['version', '--version'].includes(command)) {
    process.stdout.write(`${readPackage().version}\n`)
    return 0
  }
  const { env, stdout, stderr } = process
  if (isClientCommand(command)) {
    const { runClientCommand } = await import('./cli/commands.ts')
    return await runClientCommand(command, args, { env, stdout, stderr }, loadShipped)
  }
  const { roleCommands } = await import('./roles/commands.ts')
  const run = roleCommands.get(command)
  if (run === undefined) {
    const { isQueryCommand, runClientCommand } = await import('./cli/commands.ts')
    const io = { env, stdout, stderr }
    if (await isQueryCommand(command, loadShipped)) return await runClientCommand(command, args, io, loadShipped)
    throw await (await import('./cli/unknown.ts')).unknownCommand(command, roleCommands.keys(), loadShipped)
  }
  const exit = (code: number): never => process.exit(code)
  const on = (signal: NodeJS.Signals, listener: () => void): void => { process.on(signal, listener) }
  const onStray = (listener: (error: unknown) => void): void => {
    process.on('uncaughtException', listener)
    process.on('unhandledRejection', listener)
  }
  return await run(args, { home, version: readPackage().version, env, stdout, stderr, exit, on, onStray })
}

process.stdout.on('error', leaveQuietly)
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.exitCode = tellError(error, process.argv, process.stderr)
}
