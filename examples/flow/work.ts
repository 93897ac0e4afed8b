import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessContext, ProcessOutcome } from '../../src/sdk/process.ts'

type Params = { seconds: number, emit?: string }

/** Stands in for real work: takes its time, then tells what it did, and generates the event that `emit` names. */
export async function run ({ event, params, absorbed, signal, progress }: ProcessContext<Params>): Promise<ProcessOutcome> {
  for (let second = 0; second < params.seconds; second++) {
    progress({ complete: second, total: params.seconds })
    await sleep(1000, undefined, { signal })
  }
  return {
    output: { for: event.type, instead_of: absorbed.map(({ event: { type } }) => type) },
    events: params.emit === undefined ? [] : [{ type: params.emit, ...(event.subject === undefined ? {} : { subject: event.subject }) }]
  }
}
