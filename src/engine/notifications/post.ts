import type { Dispatcher } from 'undici'
import { SignalboxError, errors } from '../../base/errors.ts'
import { TransientError, createExchange } from '../../runners/http/exchange.ts'
import { createRedactor, SHORT } from '../../sdk/masking/redactor.ts'

/** Bytes of an answer, which nobody reads but for the reason of a refusal. */
const MAX_ANSWER = 1024 * 1024

type Post = {
  url: string
  body: string
  headers?: Record<string, string>
  timeoutMs: number
  signal: AbortSignal
  dispatcher: Dispatcher
}

/**
 * Sends JSON by the rules of the http runner: no redirects, all within one time limit. The path of the address may be a
 * secret, and is in no error.
 */
export async function post ({ url, body, headers = {}, timeoutMs, signal, dispatcher }: Post): Promise<void> {
  const address = new URL(url)
  if (address.username !== '' || address.password !== '') {
    throw errors.final('the address must not hold a user name or password')
  }
  const hide = hiding(address)
  const send = createExchange({
    dispatcher,
    headers: { 'user-agent': 'signalbox' },
    timeoutMs,
    maxBytes: MAX_ANSWER,
    hide
  })
  const more = { 'content-type': 'application/json', ...headers }
  try {
    await send({ url: address, method: 'POST', signal, body, headers: more })
  } catch (error) {
    const message = hide(error instanceof Error ? error.message : String(error))
    if (error instanceof TransientError) throw new TransientError(message, error.retryAfterMs)
    throw error instanceof SignalboxError ? errors.final(message) : new Error(message)
  }
}

/** The path in every encoding; and as it is, however short. */
function hiding ({ pathname, search, href }: URL): (text: string) => string {
  const parts = [href, search, pathname].filter((part) => part.length > 1)
  const redactor = createRedactor(SHORT)
  redactor.add([...parts, `${pathname}${search}`])
  return (text) => redactor.text(parts.reduce((result, part) => result.replaceAll(part, '/***'), text))
}
