import { formatDuration } from '../../base/duration.ts'
import { maskSecrets } from '../../base/mask.ts'
import { subjectOf } from './text.ts'
import type { JobView } from '../../schemas/jobs.ts'

/** A result that is longer is not told field by field: the link leads to it. */
const MAX_OUTPUT = 10_000

/** A job with the mail that tells of it, plain text, wherever it stands. */
export function toEmail (
  job: JobView,
  email: string,
  publicUrl: string
): JobView & { email: string, subject: string, body: string } {
  const about = job.input?.['subject']
  const { submitted, started, ended } = job.timestamps
  const took =
    started !== null && ended !== null ? [`Ran for ${formatDuration(Date.parse(ended) - Date.parse(started))}.`] : []
  const lines = [
    `Job ${job.id} of the process ${job.process} is ${job.status}.`,
    `See ${publicUrl}/jobs/${job.process}/${job.id}`,
    `Submitted ${submitted ?? 'at an unknown time'}.`,
    ...took,
    ...(job.reason === null ? [] : ['', `* Job ID ${job.id} : ${String(maskSecrets(job.reason))}`]),
    ...(job.status === 'complete' ? outputLines(job.output) : []),
    ...job.events.map((event) => `Follow-on event: ${event.type}${event.id === undefined ? '' : ` (${event.id})`}`)
  ]
  const subject = subjectOf({
    about: 'job',
    name: job.process,
    status: job.status,
    subject: typeof about === 'string' ? about : null
  })
  return { ...job, email, subject, body: `${lines.join('\n')}\n` }
}

/** `* name : value` for each field of a result. */
function outputLines (output: unknown): string[] {
  if (output === null) return []
  const fields =
    typeof output === 'object' && !Array.isArray(output)
      ? Object.entries(maskSecrets(output) as object)
      : [['output', maskSecrets(output)]]
  const lines = fields.map(
    ([name, value]) => `* ${name} : ${typeof value === 'string' ? value : JSON.stringify(value)}`
  )
  return ['', ...lines.join('\n').length > MAX_OUTPUT ? ['The result is too long for a mail.'] : lines]
}
