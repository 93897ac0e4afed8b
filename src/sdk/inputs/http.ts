import { lookup as systemLookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, request } from 'undici'
import type { Dispatcher } from 'undici'
import { deadline } from '../../base/deadline.ts'
import { formatDuration } from '../../base/duration.ts'
import { errors } from '../../base/errors.ts'
import { isPublic } from './addresses.ts'

/** Answers all addresses of a host, as `dns.lookup` with `all` does. */
export type LookupAll = (host: string, answer: (error: Error | null, addresses: LookupAddress[]) => void) => void

export type HttpLimits = {
  maxBytes: number
  /** For the whole of it, redirects included. */
  timeoutMs: number
  allowPrivate: boolean
  /** Replaces the agent, and with it the check of DNS answers: for tests and for those who go through a proxy. */
  dispatcher?: Dispatcher
  lookup?: LookupAll
}

const maxRedirects = 5
const retriedStatuses = new Set([408, 425, 429])

/**
 * The body of an http(s) URI. The address that was checked is the one connected to: the check sits in the lookup of the
 * connection itself, so a name that answers differently the second time gains nothing. Each redirect is checked anew.
 *
 * @throws INPUT_REFUSED for other schemes, private addresses, too much data and statuses that a repeat will not change.
 */
export async function openHttp (
  location: string,
  limits: HttpLimits,
  { field, signal }: { field: string, signal: AbortSignal }
): Promise<AsyncIterable<Uint8Array>> {
  const { maxBytes, timeoutMs } = limits
  // The whole of it has one limit: a server that sends a byte now and then is never silent.
  const limited = AbortSignal.any([signal, deadline(timeoutMs)])
  const late = (error: unknown): unknown =>
    error instanceof Error && error.name === 'TimeoutError'
      ? new Error(`${field} was not read within ${formatDuration(timeoutMs)}`)
      : error
  const agent = limits.dispatcher === undefined ? createAgent(limits, field) : undefined
  const dispatcher = limits.dispatcher ?? agent
  try {
    let url = checkUrl(location, limits, field)
    for (let redirects = 0; ; redirects++) {
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        signal: limited,
        headersTimeout: 0,
        bodyTimeout: 0,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'signalbox' }
      })
      if (statusCode === 200) {
        if (Number(headers['content-length'] ?? 0) > maxBytes) {
          body.on('error', () => {}).destroy()
          throw errors.inputRefused(field, `has more than ${maxBytes} bytes, the limit for inputs`)
        }
        return readBody(body, agent, late)
      }
      body.on('error', () => {}).destroy()
      const target = headers.location
      if (statusCode >= 300 && statusCode < 400 && typeof target === 'string') {
        if (redirects === maxRedirects) throw errors.inputRefused(field, `redirects more than ${maxRedirects} times`)
        url = checkUrl(target, limits, field, url)
      } else if (statusCode >= 500 || retriedStatuses.has(statusCode)) {
        throw Object.assign(new Error(`${field}: ${url.host} answers with status ${statusCode}`), { statusCode })
      } else {
        throw errors.inputRefused(field, `is not to be had: ${url.host} answers with status ${statusCode}`)
      }
    }
  } catch (error) {
    await agent?.destroy()
    throw late(error)
  }
}

async function * readBody (
  body: AsyncIterable<Uint8Array>,
  agent: Agent | undefined,
  late: (error: unknown) => unknown
): AsyncGenerator<Uint8Array> {
  try {
    yield * body
  } catch (error) {
    throw late(error)
  } finally {
    await agent?.destroy()
  }
}

function checkUrl (location: string, { allowPrivate }: HttpLimits, field: string, base?: URL): URL {
  if (!URL.canParse(location, base?.href)) throw errors.inputRefused(field, 'is not a valid URI')
  const url = new URL(location, base?.href)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw errors.inputRefused(field, `leads to a ${url.protocol} URI; http and https are read`)
  }
  if (url.username !== '' || url.password !== '') {
    throw errors.inputRefused(field, 'must not hold a user name or password')
  }
  // A literal address is connected to without a lookup.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!allowPrivate && ipaddr.isValid(host) && !isPublic(host)) {
    throw errors.inputRefused(field, `leads to ${host}, which is not a public address`)
  }
  return url
}

function createAgent ({ timeoutMs, allowPrivate, lookup = lookupAll }: HttpLimits, field: string): Agent {
  const checkedLookup: LookupFunction = (host, options, answer) => {
    lookup(host, (error, addresses) => {
      const forbidden = allowPrivate ? undefined : addresses?.find(({ address }) => !isPublic(address))
      const first = addresses?.[0]
      if (error !== null) answer(error, '', 0)
      else if (forbidden !== undefined) {
        answer(errors.inputRefused(field, `leads to ${host}, which is not a public address`), '', 0)
      } else if (first === undefined) answer(new Error(`${field}: ${host} has no address`), '', 0)
      else if (options.all === true) answer(null, addresses)
      else answer(null, first.address, first.family)
    })
  }
  return new Agent({ connect: { timeout: timeoutMs, lookup: checkedLookup }, connections: 1 })
}

const lookupAll: LookupAll = (host, answer) => systemLookup(host, { all: true }, answer)
