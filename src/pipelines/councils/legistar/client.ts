import { Agent, request } from 'undici'
import { deadline } from '../../../base/deadline.ts'
import { doubling, isPassing, retry } from '../../../base/retry.ts'
import { cleanName } from '../model/clean-name.ts'
import { LEGISTAR_URL, type LegistarSettings } from './settings.ts'

export type Row = Record<string, unknown>

/** Asks the API of one city. What was asked for once in a run is not asked for again. */
export interface LegistarClient {
  /**
   * The answer, or null where its status is neither 200 nor one that may pass. Rejects when three
   * tries came to nothing.
   */
  get: (path: string, query?: Record<string, string>) => Promise<unknown>
  /** How many requests were sent, tries included. */
  requests: () => number
  close: () => Promise<void>
}

const TIMEOUT_MS = 60_000
const MAX_BYTES = 64 * 1024 * 1024

export function createLegistarClient (
  { client, base_url: base = LEGISTAR_URL }: LegistarSettings,
  { signal, log, pauseMs }: { signal: AbortSignal, log: (line: string) => void, pauseMs: number }
): LegistarClient {
  const agent = new Agent({
    connections: 4,
    connect: { timeout: 10_000 },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: MAX_BYTES
  })
  const answers = new Map<string, Promise<unknown>>()
  let requests = 0

  async function ask (url: string): Promise<unknown> {
    requests++
    const { statusCode, body } = await request(url, {
      dispatcher: agent,
      signal: AbortSignal.any([signal, deadline(TIMEOUT_MS)]),
      headers: { accept: 'application/json', 'user-agent': 'signalbox' }
    })
    if (statusCode === 200) return await body.json()
    await body.dump()
    if (statusCode === 429 || statusCode >= 500) {
      throw Object.assign(new Error(`${url} answers with status ${statusCode}`), { statusCode })
    }
    return null
  }

  return {
    get: async (path, query = {}) => {
      // The filter of OData has blanks, which the API wants as %20.
      const search = Object.entries(query)
        .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
        .join('&')
      const url = `${base.replace(/\/$/, '')}/${client}/${path}${search === '' ? '' : `?${search}`}`
      let answer = answers.get(url)
      if (answer === undefined) {
        answer = retry(async () => await ask(url), {
          tries: 3,
          delays: doubling(pauseMs),
          mayPass: isPassing,
          signal,
          log
        })
        answers.set(url, answer)
      }
      return await answer
    },
    requests: () => requests,
    close: async () => {
      await agent.destroy()
    }
  }
}

/** The rows of a list; nothing where it is none. */
export const rows = (answer: unknown): Row[] =>
  Array.isArray(answer) ? answer.filter((row): row is Row => typeof row === 'object' && row !== null) : []
export const row = (answer: unknown): Row | undefined =>
  typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? (answer as Row) : undefined

/** A name or a title that says something, or null. Numbers as ids have them are texts, too. */
export function textOf (from: Row, field: string): string | null {
  const text = cleanName(addressOf(from, field) ?? '')
  return text === '' ? null : text
}

/** An address as it stands there, or null. */
export function addressOf (from: Row, field: string): string | null {
  const value = from[field]
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).replaceAll('\0', '').trim() : ''
  return text === '' ? null : text
}

export const idOf = (from: Row, field: string): number | undefined =>
  Number.isInteger(from[field]) && (from[field] as number) >= 0 ? (from[field] as number) : undefined
