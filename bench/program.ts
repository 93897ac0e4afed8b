import { missing, type BackendName } from '../test/fixtures/servers.ts'
import { openDatastore, type Datastore } from './datastore.ts'
import { USAGE, readOptions, type Options } from './options.ts'

/** What a program of the benchmark does with the arguments that it was given. */
export async function withOptions (work: (options: Options) => Promise<void>): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options !== undefined) return await work(options)
  process.stderr.write(USAGE)
  process.exitCode = 2
}

/** Opens those that this machine has, one after the other, each for the time of `work`. */
export async function withEach (backends: BackendName[], work: (datastore: Datastore) => Promise<void>): Promise<void> {
  for (const name of backends) {
    const reason = missing(name)
    if (reason !== false) {
      process.stdout.write(`${name}: skipped, ${reason}\n`)
      continue
    }
    const datastore = await openDatastore(name)
    try {
      await work(datastore)
    } finally {
      await datastore.close()
    }
  }
}
