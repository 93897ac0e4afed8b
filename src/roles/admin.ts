import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { forgetBlocks as forgetAll, listPlaces } from '../engine/blocks/blocks.ts'
import { describeUse, missingOf, type Use } from '../engine/blocks/uses.ts'
import { createUses } from './block-uses.ts'
import { loadEventsConfig, toStarted } from '../engine/cloudevents/events-config.ts'
import { loadLookups, type Lookups } from '../engine/lookups/lookups.ts'
import { listEntries } from '../engine/lookups/matching.ts'
import type { Queues } from '../queues/contract.ts'
import { openQueues } from '../queues/open.ts'
import { loadKinds } from '../runners/module/kind-files.ts'
import { checkRun } from '../runners/entry.ts'
import type { Config } from './config.ts'
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
  })
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
  for (const warning of lookups.warnings) stderr.write(`warning: ${warning}\n`)
  print([`ok: ${summaryOf(lookups)}`])
  return 0
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

async function existingBlocks ({ backend, queues: settings }: Config): Promise<Set<string>> {
  const [, folder] = /^pglite:(.*)$/.exec(backend) ?? []
  if (folder !== undefined && !existsSync(folder)) return new Set()
  const { prefix, timeout_ms: timeoutMs } = settings
  const queues = await openQueues({ backend, prefix, connections: 1, retentionMs: 1, timeoutMs, onError: () => {} })
  try {
    await queues.ping(timeoutMs)
    return await listPlaces(queues)
  } finally {
    await queues.close()
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
  return await withQueues(config, io, async ({ address }) => `${address} is up to date`)
}

/** Removes all blocks, for one who has lost their key. */
export async function forgetBlocks (config: Config, io: Io): Promise<number> {
  return await withQueues(config, io, async (queues) => `${await forgetAll(queues)} blocks are forgotten`)
}

async function withQueues (
  { backend, queues: settings }: Config,
  { stdout }: Io,
  act: (queues: Queues) => Promise<string>
): Promise<number> {
  const { prefix, timeout_ms: timeoutMs } = settings
  const queues = await openQueues({ backend, prefix, connections: 2, retentionMs: 1, timeoutMs, onError: () => {} })
  try {
    await queues.migrate()
    stdout.write(`${await act(queues)}\n`)
    return 0
  } finally {
    await queues.close()
  }
}
