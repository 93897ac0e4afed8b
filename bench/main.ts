import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { runGrowth } from './growth.ts'
import type { Options } from './options.ts'
import { withEach, withOptions } from './program.ts'
import { toResults, type Results } from './results.ts'
import { runRounds } from './rounds.ts'
import { toTables } from './tables.ts'

/** One run: the floor, the service and how the cost grows, side by side on each backend. */
async function main ({ backends, size, quick, growth }: Options): Promise<void> {
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: availableParallelism(), loadBefore: loadavg()[0] }
  const started = new Date()
  const all: Results[] = []
  await withEach(backends, async (datastore) => {
    const { name } = datastore
    const note = (text: string): void => { process.stdout.write(`${name}: ${text}\n`) }
    const rounds = await runRounds(datastore, size, note)
    all.push(toResults(name, rounds, growth ? await runGrowth(datastore, size.levels[name], note) : []))
  })
  const folder = join(import.meta.dirname, '..', '..', 'bench', 'results')
  const file = join(folder, `${started.toISOString().slice(0, 19).replaceAll(':', '-')}.json`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify({ started: started.toISOString(), seconds: Math.round((Date.now() - started.getTime()) / 1000), machine, quick, size, results: all }, null, 2)}\n`)
  process.stdout.write(`\n${toTables(all)}\n\n${size.rounds} round(s); CPU in ms/event: that of the floor's or the service's process (an embedded datastore included), of the datastore's, and of what made the load; others: cores that strangers kept busy\n${file}\n`)
}

await withOptions(main)
