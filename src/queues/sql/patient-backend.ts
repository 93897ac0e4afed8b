import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPostgresBackend, createPostgresRelayBackend, type BackendFactory, type IQueueBackend, type PgPool
} from 'bullmq'

/** Between two tries to reach a datastore that did not answer. */
const RETRY_MS = 1000

/** The private parts of BullMQ's PostgresConnection that are used here; a test asserts that they do what is said. */
type Connection = {
  bootstrap: () => Promise<void>
  readyPromise: Promise<void> | undefined
  listenClient: object | undefined
  handleListenClientError: (client: object, error: Error) => void
}
type Connected = { connection: Connection }

/**
 * BullMQ remembers the first failure to reach PostgreSQL for good. Then every try of a worker fails at once, it asks
 * again and again and never lets go of the event loop: the whole process hangs. Here a failure takes its time and is
 * forgotten. And a connection for LISTEN that has died without a word is asked for ever: here it is given up when it
 * fails.
 */
export const createPatientBackend: BackendFactory<IQueueBackend, PgPool> = (...given) => {
  const create = createPostgresBackend as BackendFactory<IQueueBackend, PgPool>
  const backend = create(...given)
  const { connection } = backend as unknown as Connected
  forgetFailures(connection)
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
