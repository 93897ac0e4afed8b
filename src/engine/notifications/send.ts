import type { Dispatcher } from 'undici'
import type { LoadBlock } from '../../sdk/blocks/kind.ts'
import { metadataDatabase } from '../../sdk/blocks/kinds/metadata_database.ts'
import { slackWebhook } from '../../sdk/blocks/kinds/slack_webhook.ts'
import { smtp } from '../../sdk/blocks/kinds/smtp.ts'
import { webhook } from '../../sdk/blocks/kinds/webhook.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Target } from '../../schemas/notify.ts'
import { readTold, tellDatabase } from './database.ts'
import type { Notice } from './notice.ts'
import { sendMail, toMail } from './mail.ts'
import { post } from './post.ts'
import { toSlackMessage } from './slack.ts'
import { signWebhook, toWebhookBody } from './webhook.ts'

/** Sends one notice; answers what is worth knowing about it. Throws FINAL where a further try is of no use. */
export type Send = (
  id: string,
  notice: { target: Target, notice: Notice },
  signal: AbortSignal
) => Promise<{ rejected?: string[] }>

type Dependencies = {
  ledger: Pick<Ledger, 'get'>
  block: LoadBlock
  /** Where people reach the service, without a slash at the end. */
  publicUrl: string
  timeoutMs: number
  dispatcher: Dispatcher
}

export function createSend ({ ledger, block, publicUrl, timeoutMs, dispatcher }: Dependencies): Send {
  return async (id, { target, notice }, signal) => {
    const link = `${publicUrl}/events/${notice.event.id}`
    if (target.kind === 'mail') {
      const rejected = await sendMail(
        await block(smtp, target.block),
        toMail(notice, { id, to: target.to, link }),
        timeoutMs
      )
      return rejected.length === 0 ? {} : { rejected }
    }
    if (target.kind === 'database') {
      await tellDatabase(await block(metadataDatabase, target.block), await readTold(ledger, id, notice), timeoutMs)
    } else if (target.kind === 'slack') {
      const { url } = await block(slackWebhook, target.block)
      await post({ url, body: JSON.stringify(toSlackMessage(notice, link)), timeoutMs, signal, dispatcher })
    } else {
      const { url, secret } = await block(webhook, target.block)
      const body = toWebhookBody(notice, link)
      await post({
        url,
        body,
        headers: signWebhook({ id, body, secret, at: new Date() }),
        timeoutMs,
        signal,
        dispatcher
      })
    }
    return {}
  }
}
