import { setTimeout as sleep } from 'node:timers/promises'
import { createPostgresBackend, type BackendFactory, type IQueueBackend, type PgPool } from 'bullmq'

/** Between two tries to reach a datastore that did not answer. */
const RETRY_MS = 1000

/** The private parts of BullMQ's PostgresConnection that are used here; a test asserts that they do what is said. */
type Connection = { bootstrap: () => Promise<void>, readyPromise: Promise<void> | undefined }

/**
 * BullMQ remembers the first failure to reach PostgreSQL for good. Then every try of a worker fails at once, it asks
 * again and again and never lets go of the event loop: the whole process hangs. Here a failure takes its time and is
 * forgotten.
 */
export const createPatientBackend: BackendFactory<IQueueBackend, PgPool> = (...given) => {
  const create = createPostgresBackend as BackendFactory<IQueueBackend, PgPool>
  const backend = create(...given)
  const { connection } = backend as unknown as { connection: Connection }
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
  return backend
}
