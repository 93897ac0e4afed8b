#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { forgetBlocks } from './engine/blocks/blocks.ts'
import { SHORT, createRedactor } from './sdk/blocks/redactor.ts'
import { UsageError } from './cli/command.ts'
import { runClientCommand, isClientCommand } from './cli/commands.ts'
import { fromOriginal, isOriginal } from './cli/original.ts'
import { loadEventsConfig, toStarted } from './engine/cloudevents/events-config.ts'
import { loadConfig, type Config } from './roles/config.ts'
import { SignalboxError } from './base/errors.ts'
import { createLog } from './roles/log.ts'
import { shipped } from './roles/shipped.ts'
import { loadLookups } from './engine/lookups/lookups.ts'
import { listEntries } from './engine/lookups/matching.ts'
import type { Queues } from './queues/contract.ts'
import { openQueues } from './queues/open.ts'
import { checkRun } from './runners/entry.ts'
import type { Role } from './roles/service.ts'
import { usage } from './cli/usage.ts'

/** Exit codes that scripts can use. The client commands have more, see `signalbox --help`. */
const EXIT_FAILED = 1
const EXIT_USAGE = 2
const STOP_MARGIN_MS = 10_000

const ROLES: ReadonlyMap<string, Role[]> = new Map([
  ['start', ['api', 'worker', 'results']], ['api', ['api']], ['worker', ['worker']], ['results', ['results']]
])

const home = join(fileURLToPath(new URL('.', import.meta.url)), '..')
const version = (JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }).version

async function main (given: string[]): Promise<number> {
  const [command = 'help', ...rest] = isOriginal(given) ? fromOriginal(given) : given
  if (command === 'help' || command === '--help' || command === '-h') {
    process.stdout.write(usage(shipped))
    return 0
  }
  if (command === 'version' || command === '--version') {
    process.stdout.write(`${version}\n`)
    return 0
  }
  if (isClientCommand(command, shipped)) return await runClientCommand(command, rest, { env: process.env, stdout: process.stdout, stderr: process.stderr }, shipped)
  const roles = ROLES.get(command)
  if (roles === undefined && command !== 'migrate' && command !== 'check' && command !== 'forget_blocks') {
    process.stderr.write(`signalbox: there is no command ${JSON.stringify(command)}; signalbox --help lists them\n`)
    return EXIT_USAGE
  }
  const config = readConfig(rest)
  if (command === 'check') return await check(config)
  if (command === 'migrate') return await withQueues(config, migrate)
  if (command === 'forget_blocks') return await withQueues(config, forgetAll)
  return await serve(config, roles ?? [])
}

/** `--backend` and `--port` are short for their variables. */
function readConfig (args: string[]): Config {
  const env: Record<string, string | undefined> = { ...process.env }
  const options = new Map([['--backend', 'SIGNALBOX_BACKEND'], ['--port', 'PORT'], ['--host', 'HOST'], ['--lookups', 'SIGNALBOX_LOOKUPS'], ['--processes', 'SIGNALBOX_PROCESSES']])
  for (let i = 0; i < args.length; i += 2) {
    const [name = '', inline] = (args[i] ?? '').split(/=(.*)/s)
    const variable = options.get(name)
    const value = inline ?? args[i + 1]
    if (variable === undefined || value === undefined) throw new UsageError(variable === undefined ? `there is no option ${JSON.stringify(args[i])} here` : `${name} needs a value`)
    env[variable] = value
    if (inline !== undefined) i--
  }
  return loadConfig({ file: process.env['SIGNALBOX_CONFIG'] ?? join(home, 'config', 'default.json'), env })
}

async function serve (config: Config, roles: Role[]): Promise<number> {
  const { startService } = await import('./roles/service.ts')
  const redactor = createRedactor(SHORT)
  const log = createLog(config.log_level, process.stdout.isTTY, undefined, redactor.text)
  const service = await startService({
    config,
    roles,
    log,
    version,
    env: process.env,
    redactor,
    onFatal: (error) => {
      log.fatal({ err: error }, 'the embedded datastore has died; start again')
      process.exit(EXIT_FAILED)
    }
  })
  if (service.address !== undefined) log.info({ address: service.address, docs: `${service.address}/docs`, backend: service.backend }, 'signalbox is ready')
  else log.info({ roles, backend: service.backend }, 'signalbox is ready')
  process.on('SIGHUP', () => { void service.reload() })
  await new Promise<void>((resolve) => {
    let asked = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        // Whoever asks twice does not want to wait.
        if (asked) process.exit(EXIT_FAILED)
        asked = true
        log.info({ signal }, 'stopping: running work may finish')
        resolve()
      })
    }
  })
  // Work that ignores its signal must not keep the process: what it ran is taken again when its lock ends.
  const late = setTimeout(() => {
    log.error('work did not stop in time')
    process.exit(EXIT_FAILED)
  }, config.worker.shutdown_ms + config.worker.grace_ms + STOP_MARGIN_MS)
  await service.stop()
  clearTimeout(late)
  log.info('stopped')
  return 0
}

async function check (config: Config): Promise<number> {
  const mapping = loadEventsConfig(config.cloudevents.events_config)
  const lookups = await loadLookups({ folder: config.lookups, checkRun, builtIns: shipped.processes, started: toStarted(mapping), env: process.env })
  const { hash, processes, warnings, remarks = [] } = lookups
  const entries = listEntries(lookups)
  for (const entry of entries) {
    const { type, processes: names } = entry
    process.stdout.write(`${type}${'match' in entry ? ` ${JSON.stringify(entry.match)}` : ''} → ${names.length === 0 ? '(recorded only)' : names.map((name) => `${name} [${processes.get(name)?.queue}]`).join(', ')}\n`)
  }
  for (const { process: name, source, type } of mapping ?? []) process.stdout.write(`CloudEvent ${type} of ${source} → ${name} [${processes.get(name)?.queue}]\n`)
  for (const remark of remarks) process.stdout.write(`${remark}\n`)
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
  const filters = entries.filter((entry) => 'match' in entry).length
  process.stdout.write(`ok: ${entries.length - filters} event types, ${filters === 0 ? '' : `${filters} with a match, `}${processes.size} processes, lookups ${hash}\n`)
  return 0
}

async function withQueues (config: Config, act: (queues: Queues) => Promise<string>): Promise<number> {
  const queues = await openQueues({ backend: config.backend, prefix: config.queues.prefix, connections: 2, retentionMs: 1, timeoutMs: config.queues.timeout_ms, onError: () => {} })
  try {
    await queues.migrate()
    process.stdout.write(`${await act(queues)}\n`)
    return 0
  } finally {
    await queues.close()
  }
}

const migrate = async ({ address }: Queues): Promise<string> => `${address} is up to date`

const forgetAll = async (queues: Queues): Promise<string> => `${await forgetBlocks(queues)} blocks are forgotten`

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const plain = error instanceof SignalboxError || error instanceof UsageError
  process.stderr.write(`signalbox: ${plain ? error.message : (error as Error).stack ?? String(error)}\n`)
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED
}
