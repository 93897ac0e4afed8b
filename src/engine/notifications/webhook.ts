import { createHmac } from 'node:crypto'
import type { Notice } from './notice.ts'

/** The body of a webhook: `job.failed`, `event.complete` and the like. */
export const toWebhookBody = (notice: Notice, link: string): string =>
  JSON.stringify({ type: `${notice.about}.${notice.status}`, timestamp: notice.ended, data: { ...notice, link } })

/** The headers of Standard Webhooks: `id` is the same at every try, so that a receiver can tell a repeat. */
export function signWebhook ({
  id, body, secret, at
}: {
  id: string
  body: string
  secret: string
  at: Date
}): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
