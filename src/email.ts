import { formatDuration } from './duration.ts'
import type { JobView } from './schemas.ts'

/** A job with the mail that tells of it, plain text. */
export function toEmail (job: JobView, email: string): JobView & { email: string, subject: string, body: string } {
  const about = job.input?.['subject']
  const subject = `${job.process}${typeof about === 'string' ? ` for ${about}` : ''} - ${job.status}`
  const { submitted, started, ended } = job.timestamps
  const took = started !== null && ended !== null ? [`Ran for ${formatDuration(Date.parse(ended) - Date.parse(started))}.`] : []
  const lines = [
    `Job ${job.id} of the process ${job.process} is ${job.status}.`,
    `Submitted ${submitted ?? 'at an unknown time'}.`,
    ...took,
    ...(job.reason === null ? [] : ['', `* ${job.id} : ${job.reason}`]),
    ...(job.status === 'complete' && job.output !== null ? ['', 'Output:', JSON.stringify(job.output, null, 2)] : []),
    ...job.events.map((event) => `Follow-on event: ${event.type}${event.id === undefined ? '' : ` (${event.id})`}`)
  ]
  return { ...job, email, subject, body: `${lines.join('\n')}\n` }
}
