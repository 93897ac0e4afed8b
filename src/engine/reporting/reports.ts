import type { Closing, EventRecord, Outcome } from '../record.ts'
import { toMessage, type Report, type ReportType } from './report.ts'
import type { Publisher } from './publisher.ts'

/** What is told to the broker for reports, where there is one. Nothing here waits or fails. */
export interface Reports {
  /** Jobs that an event has started. */
  submitted: (jobs: Array<[process: string, jobId: string]>) => void
  retrieved: (processName: string, id: string, email?: string | undefined) => void
  listed: (processName: string) => void
  /** The poller has come to an event all of whose jobs have ended, as far as it knows. */
  checking: (key: string, record: EventRecord) => void
  /** One of them has not: it comes again. */
  incomplete: (key: string, record: EventRecord) => void
  ended: (key: string, record: EventRecord, closing: Closing) => void
}

const LEVELS: Record<Outcome, [type: ReportType, words: string]> = {
  complete: ['INFO', 'Event succeeded'], failed: ['FATAL', 'Event failed'], cancelled: ['WARN', 'Event cancelled'], absorbed: ['INFO', 'Event absorbed']
}

/** Without a publisher nothing is told. `hide` takes secrets out. */
export function createReports ({ publisher, host, hide }: { publisher: Pick<Publisher, 'publish'> | undefined, host: string, hide: <T>(value: T) => T }): Reports {
  if (publisher === undefined) return { submitted: none, retrieved: none, listed: none, checking: none, incomplete: none, ended: none }
  const handler = (type: ReportType, message: string): void => { tell({ report_type: type, process: 'event_handler', resource: '', params: {}, message }) }
  const processing = (type: ReportType, { event }: EventRecord, message: string): void => { tell({ report_type: type, process: 'event_processing', resource: event.subject ?? '', params: event, message }) }
  const tell = (report: Omit<Report, 'host' | 'report_time'>): void => { publisher.publish(toMessage(hide({ ...report, host }), new Date())) }
  return {
    submitted: (jobs) => { for (const [name] of jobs) handler('DEBUG', `Submitting process ${name}`) },
    retrieved: (name, id, email) => { handler('INFO', email === undefined ? `Retrieving job from ${name} with ID ${id}` : `Retrieving job with ID ${id} for ${email}`) },
    listed: (name) => { handler('INFO', `Retrieving jobs of ${name}`) },
    checking: (key, record) => { for (const { process: name } of record.jobs) processing('INFO', record, `Checking ${name} event ${key}`) },
    incomplete: (_key, record) => { processing('INFO', record, 'Job incomplete, retrying') },
    ended: (key, record, { jobs }) => {
      for (const { process: name, id } of record.jobs) {
        const { status = 'cancelled', reason, events = [] } = jobs[id] ?? {}
        const [type, words] = LEVELS[status]
        const result = { process: name, job: id, event: key, status, ...(reason === undefined ? {} : { reason }), events: events.flatMap((one) => one.key ?? []) }
        processing(type, record, `${words}: ${JSON.stringify(result)}`)
      }
    }
  }
}

const none = (): void => {}
