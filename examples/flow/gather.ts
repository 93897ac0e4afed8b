import type { ProcessContext, ProcessOutcome } from '../../src/sdk/process.ts'

type Params = { closed: string[], begin?: string }

/** Stands in for the calendar of a city, which on some days answers the second time only. */
export async function run ({ event, params: { closed, begin = '' } }: ProcessContext<Params>): Promise<ProcessOutcome> {
  const isFirst = event.id?.includes('#') !== true
  if (isFirst && closed.some((day) => begin.startsWith(day))) throw new Error('the city answered 500')
  return { output: { meetings: 1 } }
}
