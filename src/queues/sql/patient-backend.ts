import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPostgresBackend, createPostgresRelayBackend, type BackendFactory, type IQueueBackend, type PgPool
} from 'bullmq'
import { toDatastoreTimes, toLocalTime, withCallTime, type Ahead } from '../bullmq/datastore-clock.ts'
import { COMPLETION, type Completions } from './completions.ts'

/** Between two tries to reach a datastore that did not answer. */
const RETRY_MS = 1000

type Ready = { readyPromise: Promise<void> | undefined }
type Client = { query: (text: string, values: unknown[]) => Promise<unknown> }

/** The private parts of BullMQ's PostgresConnection that are used here; a test asserts that they do what is said. */
type Connection = Ready & {
  bootstrap: () => Promise<void>
  listenClient: Client | undefined
  listenClientName: string | undefined
  applyListenClientName: (client: Client) => Promise<void>
  handleListenClientError: (client: Client, error: Error) => void
}
type Connected = { connection: Connection }
type Backend = Connected & Ready & {
  listenClientName: string | undefined
  waitUntilReady: () => Promise<void>
  run: (command: string, params: unknown[]) => Promise<{ rows: Array<Record<string, unknown>> }>
}

/** Where the commands of schedules have the time of the call. */
const CALL_TIMES: ReadonlyMap<string, number> = new Map([['add_job_scheduler', 7], ['update_job_scheduler', 5]])

/**
 * BullMQ remembers the first failure to reach PostgreSQL for good. Then every try of a worker fails at once, it asks
 * again and again and never lets go of the event loop: the whole process hangs. Here a failure takes its time and is
 * forgotten. And a connection for LISTEN that has died without a word is asked for ever: here it is given up when it
 * fails.
 */
export const createPatientBackend = (
  aheadMs: Ahead = () => 0,
  completions?: Completions
): BackendFactory<IQueueBackend, PgPool> => (...given) => {
  const create = createPostgresBackend as BackendFactory<IQueueBackend, PgPool>
  const backend = create(...given)
  const known = backend as unknown as Backend
  const { connection } = known
  if (completions !== undefined) endTogether(known, completions)
  goByDatastore(known, aheadMs)
  forgetFailures(connection)
  nameOrGiveUp(known)
  const waitForJob = backend.waitForJob.bind(backend)
  backend.waitForJob = async (seconds) => {
    const { listenClient } = connection
    try {
      return await waitForJob(seconds)
    } catch (error) {
      if (listenClient !== undefined) connection.handleListenClientError(listenClient, error as Error)
      throw error
    }
  }
  return backend
}

/** The same for what is told between processes. */
export const createPatientRelay: typeof createPostgresRelayBackend = (options) => {
  const backend = createPostgresRelayBackend(options)
  const { connection } = backend as unknown as Connected
  forgetFailures(connection)
  const readInbox = backend.readInbox.bind(backend)
  backend.readInbox = async (...given) => {
    const { listenClient } = connection
    try {
      return await readInbox(...given)
    } catch (error) {
      if (listenClient !== undefined) connection.handleListenClientError(listenClient, error as Error)
      throw error
    }
  }
  return backend
}

/** Where the command is the one of which many come at about the same time. */
function endTogether (backend: Backend, { ask }: Completions): void {
  const run = backend.run.bind(backend)
  backend.run = async (command, params) =>
    command === COMPLETION ? { rows: await ask(params) } : await run(command, params)
}

/** Times that are told are those of the next delayed job. */
function goByDatastore (backend: Backend, aheadMs: Ahead): void {
  const run = backend.run.bind(backend)
  backend.run = async (command, params) => {
    const place = CALL_TIMES.get(command)
    const given = place === undefined ? toDatastoreTimes(params, aheadMs()) : withCallTime(params, place, aheadMs())
    const found = await run(command, given)
    for (const row of found.rows) {
      if (typeof row['next_delay'] === 'string' || typeof row['next_delay'] === 'number') {
        row['next_delay'] = toLocalTime(row['next_delay'], aheadMs())
      }
    }
    return found
  }
}

function forgetFailures (connection: Connection): void {
  const bootstrap = connection.bootstrap.bind(connection)
  connection.bootstrap = async () => {
    try {
      await bootstrap()
    } catch (error) {
      await sleep(RETRY_MS)
      connection.readyPromise = undefined
      throw error
    }
  }
}

/**
 * A worker is known by the name of its connection for LISTEN. BullMQ gives the name once, after the first answer of
 * PostgreSQL: where that failed, or where the naming did, the worker was served and stood in no list. Here every such
 * connection is named before it is used, and one that cannot be named is given up, so that the next try makes another.
 */
function nameOrGiveUp (backend: Backend): void {
  const { connection } = backend
  connection.listenClientName = backend.listenClientName
  const waitUntilReady = backend.waitUntilReady.bind(backend)
  backend.waitUntilReady = async () => {
    try {
      await waitUntilReady()
    } catch (error) {
      backend.readyPromise = undefined
      throw error
    }
  }
  connection.applyListenClientName = async (client) => {
    const { listenClientName } = connection
    if (listenClientName === undefined) return
    try {
      await client.query(NAME, [listenClientName])
    } catch (error) {
      connection.handleListenClientError(client, error as Error)
      throw error
    }
  }
}

const NAME = 'select set_config(\'application_name\', $1, false)'
