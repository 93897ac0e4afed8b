import type { ProcessContext, ProcessOutcome } from '../../src/sdk/process.ts'

type Params = {
  /** The id of this job, and the CloudEvent as a JSON string: given to every process that the mapping starts. */
  id: string
  event: string
  /** Address of the service. */
  signalbox: string
}

/**
 * Submits an event of its own with itself as the parent. Its id derives from that of this job, so that a second run submits
 * nothing new. (An event that is returned in `events` is dispatched by the service and needs no such call.)
 */
export async function run ({ params: { id, event, signalbox }, signal, log }: ProcessContext<Params>): Promise<ProcessOutcome> {
  const { type, data } = JSON.parse(event) as { type: string, data?: unknown }
  const answer = await fetch(new URL('/jobs', signalbox), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'example00', source: '/event00', id, parent: id, data: { cause: type, received: data ?? null } }),
    signal
  })
  if (!answer.ok) throw new Error(`${signalbox} answered ${answer.status}: ${await answer.text()}`)
  const started = await answer.json() as Array<[process: string, jobId: string]>
  for (const [processName, jobId] of started) log(`started ${processName} ${jobId}`)
  return { output: { started } }
}
