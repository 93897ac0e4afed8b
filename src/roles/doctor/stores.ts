import { existsSync } from 'node:fs'
import { SignalboxError } from '../../base/errors.ts'
import { listPlaces } from '../../engine/blocks/blocks.ts'
import { describeUse, missingOf } from '../../engine/blocks/uses.ts'
import { toStarted, loadEventsConfig } from '../../engine/cloudevents/events-config.ts'
import { loadLookups, type Lookups } from '../../engine/lookups/lookups.ts'
import { checkRun } from '../../runners/entry.ts'
import { loadKinds } from '../../runners/module/kind-files.ts'
import { createUses } from '../block-uses.ts'
import { createClosers } from '../closers.ts'
import { openStores, type Datastore } from '../datastore.ts'
import { queueNamesOf, readDepths } from '../queue-names.ts'
import { shipped } from '../shipped.ts'
import { queueFinding, type DoctorGiven, type Finding } from './finding.ts'
import { askService } from './service.ts'

/** A clock that is further off has schedules tick and delays end at the wrong time. */
const MOST_OFF_MS = 2000

type Stores = Pick<Datastore, 'work' | 'ledger'>

/** The lookups, and what the datastore says. */
export async function * checkStores (given: DoctorGiven): AsyncGenerator<Finding> {
  const lookups = await readLookups(given)
  if (!('hash' in lookups)) return yield lookups
  yield { about: 'lookups', found: `${lookups.processes.size} processes, ${lookups.schedules.size} schedules, ${lookups.hash}` }
  for (const warning of lookups.warnings) yield { about: 'lookups', found: 'probably not meant', todo: warning }
  const { config } = given
  const [, folder] = /^pglite:(.*)$/.exec(config.backend) ?? []
  if (folder !== undefined && !existsSync(folder)) {
    return yield { about: 'datastore', found: `embedded; ${folder} is made by the first start` }
  }
  const closers = createClosers()
  try {
    const stores = await openStores({ ...config, queues: { ...config.queues, connections: 2 } }, () => {}, closers)
    yield * checkDatastore(given, stores, lookups)
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code !== 'DATA_FOLDER_IN_USE') {
      return yield { about: 'datastore', found: 'does not answer', todo: (error as Error).message }
    }
    yield { about: 'datastore', found: 'embedded, in use by a process that runs; it is asked over HTTP' }
    yield * askService(given)
  } finally {
    await closers.closeAll()
  }
}

async function readLookups ({ config, env }: DoctorGiven): Promise<Lookups | Finding> {
  try {
    const started = toStarted(loadEventsConfig(config.cloudevents.events_config))
    return await loadLookups({ folder: config.lookups, checkRun, builtIns: shipped.processes, started, env })
  } catch (error) {
    return { about: 'lookups', found: config.lookups, todo: (error as Error).message.replace(/\n\s*/g, ' ') }
  }
}

async function * checkDatastore (given: DoctorGiven, stores: Stores, lookups: Lookups): AsyncGenerator<Finding> {
  const { ledger, work } = stores
  const asked = Date.now()
  try {
    await work.ping(given.config.queues.timeout_ms * 4)
    const off = Math.round(await ledger.now() - (asked + Date.now()) / 2)
    yield { about: 'datastore', found: `${work.address} answers and takes writes` }
    const todo =
      Math.abs(off) <= MOST_OFF_MS ? undefined : 'let NTP keep the clocks of this machine and of the datastore'
    yield { about: 'clock', found: `the datastore is ${off} ms ahead of this machine`, todo }
  } catch (error) {
    const { message } = error as Error
    if (/does not exist/.test(message)) {
      return yield { about: 'datastore', found: `${work.address} is not up to date`, todo: 'signalbox migrate' }
    }
    return yield { about: 'datastore', found: `${work.address} does not answer`, todo: message }
  }
  yield await blocksFinding(given, stores, lookups)
  const depths = await readDepths({ ...stores, lookups: () => lookups }, queueNamesOf(lookups))
  for (const [queue, counts] of depths) yield queueFinding(queue, counts)
}

async function blocksFinding ({ config }: DoctorGiven, { ledger }: Stores, lookups: Lookups): Promise<Finding> {
  const kinds = await loadKinds(config.lookups, shipped.kinds)
  const uses = createUses(config, kinds, () => lookups)()
  const missing = missingOf(uses, await listPlaces(ledger)).map(describeUse)
  const found =
    uses.length === 0
      ? 'none is needed'
      : `${uses.length - missing.length} of ${uses.length} that are referred to are there`
  return {
    about: 'blocks',
    found,
    todo: missing.length === 0 ? undefined : `${missing.join('; ')}: signalbox blocks apply FILE`
  }
}
