import { isEnded, type Queues } from '../../queues/contract.ts'
import type { JobData } from '../record.ts'

/** The topic on which workers hear that a job is to stop. */
export const CANCEL_TOPIC = 'cancel'

/**
 * Asks a job to stop, wherever it runs. The record first, then the message: a worker that misses the message, or takes the
 * job later, reads the record.
 */
export async function askToStop (queues: Pick<Queues, 'get' | 'updateData' | 'publish'>, { queue, id }: { queue: string, id: string }): Promise<void> {
  const job = await queues.get(queue, id)
  if (job === undefined || isEnded(job.state)) return
  const data = job.data as JobData
  if (data.cancel === undefined) await queues.updateData(queue, id, { ...data, cancel: { at: new Date().toISOString() } })
  await queues.publish(CANCEL_TOPIC, { id })
}
