import type { EventEnd } from '../notifications/event-end.ts'
import type { EventReports } from '../notifications/sender.ts'
import { toMessage, type Report, type ReportType } from './report.ts'
import type { Publisher } from './publisher.ts'

/** What is told to the broker for reports, where there is one. Nothing here waits or fails. */
export interface Reports extends EventReports {
  /** Jobs that an event has started. */
  submitted: (jobs: Array<[process: string, jobId: string]>) => void
  retrieved: (processName: string, id: string, email?: string | undefined) => void
  listed: (processName: string) => void
}

const LEVELS: Record<string, [type: ReportType, words: string]> = {
  complete: ['INFO', 'Event succeeded'],
  failed: ['FATAL', 'Event failed'],
  cancelled: ['WARN', 'Event cancelled'],
  absorbed: ['INFO', 'Event absorbed']
}

/** Without a publisher nothing is told. `hide` takes secrets out. */
export function createReports ({
  publisher,
  host,
  hide
}: {
  publisher: Pick<Publisher, 'publish'> | undefined
  host: string
  hide: <T>(value: T) => T
}): Reports {
  if (publisher === undefined) {
    return { submitted: none, retrieved: none, listed: none, checking: none, incomplete: none, ended: none }
  }
  const handler = (type: ReportType, message: string): void => {
    tell({ report_type: type, process: 'event_handler', resource: '', params: {}, message })
  }
  const processing = (type: ReportType, { event: { event } }: EventEnd, message: string): void => {
    tell({ report_type: type, process: 'event_processing', resource: event.subject ?? '', params: event, message })
  }
  const tell = (report: Omit<Report, 'host' | 'report_time'>): void => {
    publisher.publish(toMessage(hide({ ...report, host }), new Date()))
  }
  return {
    submitted: (jobs) => {
      for (const [name] of jobs) handler('DEBUG', `Submitting process ${name}`)
    },
    retrieved: (name, id, email) => {
      handler(
        'INFO',
        email === undefined
          ? `Retrieving job from ${name} with ID ${id}`
          : `Retrieving job with ID ${id} for ${email}`
      )
    },
    listed: (name) => {
      handler('INFO', `Retrieving jobs of ${name}`)
    },
    checking: (end) => {
      for (const { process: name } of end.jobs) {
        processing('INFO', end, `Checking ${name} event ${end.key}`)
      }
    },
    incomplete: (end) => {
      processing('INFO', end, 'Job incomplete, retrying')
    },
    ended: (end) => {
      for (const { process: name, id, status, reason, events } of end.jobs) {
        const [type, words] = LEVELS[status] ?? ['INFO', `Event ${status}`]
        const result = { process: name, job: id, event: end.key, status, reason: reason ?? undefined, events }
        processing(type, end, `${words}: ${JSON.stringify(result)}`)
      }
    }
  }
}

const none = (): void => {}
