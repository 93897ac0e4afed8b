import type { Notice } from './notice.ts'

/** The subject of a mail about a job or an event. */
export function subjectOf ({
  about, name, status, subject
}: {
  about: Notice['about']
  name: string
  status: string
  subject: string | null
}): string {
  const what = `${name}${subject === null ? '' : ` for ${subject}`}`
  return status === 'failed' ? `${what} ${about} failed` : `${what} - ${status}`
}

/** `03:12`; the minutes grow, as of 75 minutes `75:00`. */
export function formatMinutes (ms: number): string {
  const seconds = Math.round(ms / 1000)
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}

/** What happened, in one sentence. */
export function headline ({ about, name, status, event, duration_ms: ms }: Notice): string {
  const word = status === 'complete' ? 'is complete' : status === 'failed' ? 'has failed' : 'was cancelled'
  return `${about === 'job' ? 'The job' : 'The event'} ${name}${event.subject === null ? '' : ` for ${event.subject}`} ${word}${ms === null ? '' : ` after ${formatMinutes(ms)}`}.`
}

/** Name and value of what is worth knowing beside. */
export function facts ({ about, id, event, host, version, started, ended }: Notice): Array<[string, string]> {
  const all: Array<[string, string | null]> = [
    [about === 'job' ? 'Job' : 'Event', id],
    ['Event', about === 'job' ? `${event.type} ${event.id}` : null],
    ['Version', version],
    ['Host', host],
    ['Started', started],
    ['Ended', ended]
  ]
  return all.flatMap(([name, value]) => value === null ? [] : [[name, value]])
}

/** `* Job ID N : why`, a line for each job that did not complete. */
export function reasonLines ({ about, id, reason, jobs }: Notice): string[] {
  if (about === 'job') return reason === null ? [] : [`* Job ID ${id} : ${reason}`]
  return jobs.flatMap((job) => job.reason === null ? [] : [`* Job ID ${job.id} : ${job.reason}`])
}
