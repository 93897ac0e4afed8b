import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { forgetBlocks as forgetAll, listPlaces } from '../engine/blocks/blocks.ts'
import { describeUse, missingOf, type Use } from '../engine/blocks/uses.ts'
import { createUses } from './block-uses.ts'
import { loadEventsConfig, toStarted } from '../engine/cloudevents/events-config.ts'
import { SignalboxError, errors } from '../base/errors.ts'
import { locate } from '../engine/lookups/locate.ts'
import { loadLookups, type Lookups } from '../engine/lookups/lookups.ts'
import { listEntries } from '../engine/lookups/matching.ts'
import { loadKinds } from '../runners/module/kind-files.ts'
import { checkRun } from '../runners/entry.ts'
import { createClosers } from './closers.ts'
import type { Config } from './config.ts'
import { bringUpToDate, openStores, type Datastore } from './datastore.ts'
import type { Program } from './program.ts'
import { shipped } from './shipped.ts'

type Io = Pick<Program, 'stdout' | 'stderr' | 'env'>

/**
 * Tells what each event starts, and what is wrong with configuration and lookups. Answers the exit
 * code, as do the others.
 */
export async function check (config: Config, { stdout, stderr, env }: Io): Promise<number> {
  const mapping = loadEventsConfig(config.cloudevents.events_config)
  const lookups = await loadLookups({
    folder: config.lookups,
    checkRun,
    builtIns: shipped.processes,
    started: toStarted(mapping),
    env
  }).catch((error: unknown) => { throw located(config.lookups, error) })
  const kinds = await loadKinds(resolve(config.lookups), shipped.kinds)
  const queueOf = (name: string): string => `${name} [${lookups.processes.get(name)?.queue}]`
  const print = (lines: string[]): void => { stdout.write(lines.map((line) => `${line}\n`).join('')) }
  print(listEntries(lookups).map((entry) => {
    const match = 'match' in entry ? ` ${JSON.stringify(entry.match)}` : ''
    return `${entry.type}${match} → ${entry.processes.map(queueOf).join(', ') || '(recorded only)'}`
  }))
  print((mapping ?? []).map(({ process: name, source, type }) => `CloudEvent ${type} of ${source} → ${queueOf(name)}`))
  print(lookups.remarks ?? [])
  const uses = createUses(config, kinds, () => lookups)()
  for (const warning of await missingBlocks(config, uses)) stderr.write(`warning: ${warning}\n`)
  for (const warning of lookups.warnings) stderr.write(`warning: ${locate(config.lookups, warning)}\n`)
  print([`ok: ${summaryOf(lookups)}`])
  return 0
}

/** The same error, each problem with its line and column. */
function located (folder: string, error: unknown): unknown {
  if (!(error instanceof SignalboxError) || error.code !== 'INVALID_LOOKUPS') return error
  const [, ...problems] = error.message.split('\n  ')
  return errors.invalidLookups(problems.map((problem) => locate(folder, problem)))
}

/** The blocks that something refers to and that are not there. A datastore that was never opened has none. */
async function missingBlocks (config: Config, uses: readonly Use[]): Promise<string[]> {
  if (uses.length === 0) return []
  try {
    return missingOf(uses, await existingBlocks(config)).map(describeUse)
  } catch (error) {
    const { message } = error as Error
    return [`${uses.length} references to blocks are not checked: ${message}`]
  }
}

async function existingBlocks (config: Config): Promise<Set<string>> {
  const [, folder] = /^pglite:(.*)$/.exec(config.backend) ?? []
  if (folder !== undefined && !existsSync(folder)) return new Set()
  const closers = createClosers()
  try {
    const { ledger } = await openStores({ ...config, queues: { ...config.queues, connections: 2 } }, () => {}, closers)
    return await listPlaces(ledger)
  } finally {
    await closers.closeAll()
  }
}

function summaryOf (lookups: Lookups): string {
  const entries = listEntries(lookups)
  const filters = entries.filter((entry) => 'match' in entry).length
  return [
    `${entries.length - filters} event types`,
    ...filters === 0 ? [] : [`${filters} with a match`],
    `${lookups.processes.size} processes`,
    `lookups ${lookups.hash}`
  ].join(', ')
}

/** Brings the datastore up to date. */
export async function migrate (config: Config, io: Io): Promise<number> {
  return await withDatastore(config, io, async ({ work }) => `${work.address} is up to date`)
}

/** Removes all blocks, for one who has lost their key. */
export async function forgetBlocks (config: Config, io: Io): Promise<number> {
  return await withDatastore(config, io, async ({ ledger }) => `${await forgetAll(ledger)} blocks are forgotten`)
}

async function withDatastore (
  config: Config,
  { stdout }: Io,
  act: (datastore: Pick<Datastore, 'work' | 'ledger'>) => Promise<string>
): Promise<number> {
  const closers = createClosers()
  try {
    const datastore = await openStores({ ...config, queues: { ...config.queues, connections: 2 } }, () => {}, closers)
    await bringUpToDate(datastore)
    stdout.write(`${await act(datastore)}\n`)
    return 0
  } finally {
    await closers.closeAll()
  }
}
