export type ReportType = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'CRITICAL' | 'FATAL'

/** A report as consumers of the original service know it. */
export type Report = {
  report_type: ReportType
  host: string
  /**
   * Which part of the service speaks: `event_handler` takes events and answers, `event_processing`
   * looks after their ends.
   */
  process: string
  /** What it is about: the subject (Ensembl: genome) of the event. */
  resource: string
  params: Record<string, unknown>
  /** UTC, without a zone: `2026-11-21T10:30:00.000`. */
  report_time: string
  message: string
}

/** A message for the exchange: consumers bind `report.*`, or the levels that they want. */
export type Message = { routingKey: string, body: Buffer }

export function toMessage ({ params, message, ...report }: Omit<Report, 'report_time'>, at: Date): Message {
  const full: Report = { ...report, params, report_time: at.toISOString().slice(0, -1), message }
  return { routingKey: `report.${report.report_type.toLowerCase()}`, body: Buffer.from(JSON.stringify(full)) }
}
