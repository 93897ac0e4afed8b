import { retry } from '../../base/retry.ts'
import { HiveAway, type HiveConnection, type HiveDatabase } from './database.ts'

export type Patience = { everyMs: number, maxFailures: number, signal: AbortSignal, log: (line: string) => void }

export type Ask = <T>(question: (connection: HiveConnection) => Promise<T>) => Promise<T>

/** Asks again while the database is away, up to a limit in a row. */
export function createPatience (database: HiveDatabase, { everyMs, maxFailures, signal, log }: Patience): Ask {
  return async (question) => {
    try {
      return await retry(() => database.use(question), {
        tries: maxFailures + 1,
        delays: [everyMs],
        mayPass: (error) => error instanceof HiveAway,
        signal,
        log: (_line, { error, failures }) => { if (failures === 1) log((error as HiveAway).message) }
      })
    } catch (error) {
      if (!(error instanceof HiveAway)) throw error
      throw new Error(`${error.message} (${maxFailures + 1} times in a row)`)
    }
  }
}
