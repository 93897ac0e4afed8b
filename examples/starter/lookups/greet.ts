import { Readable } from 'node:stream'
import type { ProcessContext, ProcessOutcome } from 'signalbox/sdk'

type Params = { name: string }

/** A process is one function. It may run twice for a job: the second run writes the same file again. */
export async function run (context: ProcessContext<Params>): Promise<ProcessOutcome> {
  const { params, processName, jobId, store, signal, log } = context
  const file = `jobs/${processName}/${jobId}/greeting.txt`
  await store.write(file, Readable.from([`Good day, ${params.name}!\n`]), signal)
  log(`${params.name} is greeted`)
  return { output: { file }, events: [{ type: 'greeted', subject: params.name }] }
}
