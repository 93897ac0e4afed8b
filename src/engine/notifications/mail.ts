import { createTransport } from 'nodemailer'
import type { Static } from 'typebox'
import type { smtp } from '../../sdk/blocks/kinds/smtp.ts'
import { errors } from '../../base/errors.ts'
import type { Notice } from './notice.ts'
import { facts, headline, reasonLines, subjectOf } from './text.ts'

export type SmtpServer = Static<typeof smtp.schema>
export type Mail = { id: string, to: string[], subject: string, text: string }

export function toMail (notice: Notice, { id, to, link }: { id: string, to: string[], link: string }): Mail {
  const { about, name, status, event } = notice
  const reasons = reasonLines(notice)
  const jobs = notice.jobs.map((job) => `* ${job.process} : ${job.status}`)
  const lines = [
    headline(notice),
    '',
    `See ${link}`,
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
    ...(jobs.length === 0 ? [] : ['', ...jobs]),
    '',
    ...facts(notice).map(([field, value]) => `${field.padEnd(8)} ${value}`)
  ]
  return { id, to, subject: subjectOf({ about, name, status, subject: event.subject }), text: `${lines.join('\n')}\n` }
}

/**
 * Sends a mail. One that was sent and is sent again, because nobody lived to write it down, has the same Message-ID.
 *
 * @throws FINAL where the server will never take it; answers the recipients that it did not take
 */
export async function sendMail (
  { host, port, secure, require_tls: requireTLS, ca, username, password, from }: SmtpServer,
  { id, to, subject, text }: Mail,
  timeoutMs: number
): Promise<string[]> {
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS,
    tls: ca === undefined ? {} : { ca },
    auth: username === undefined ? undefined : { user: username, pass: password ?? '' },
    connectionTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true
  })
  try {
    const { rejected } = await transport.sendMail({
      from,
      to,
      subject,
      text,
      messageId: `<${id}@signalbox>`,
      headers: { 'auto-submitted': 'auto-generated' }
    })
    return rejected
  } catch (error) {
    const { responseCode } = error as { responseCode?: number }
    if (responseCode !== undefined && responseCode >= 500) {
      throw errors.final((error as Error).message, { cause: error })
    }
    throw error
  } finally {
    transport.close()
  }
}
