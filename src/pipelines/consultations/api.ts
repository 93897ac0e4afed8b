import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import { Agent, request } from 'undici'
import { errors } from '../../base/errors.ts'
import { createJsonArrayReader } from './json-array.ts'

export type Credentials = { base_url: string, username: string, password: string }

export type ApiOptions = {
  credentials: Credentials
  /** Without a byte from the server. */
  timeoutMs: number
  signal: AbortSignal
}

const REFUSED = new Set([401, 403])
/** Of one answer. */
export const MAX_BYTES = 8 * 1024 ** 3

/**
 * Fetches all rows of an endpoint into a file: a JSON array, gzipped. A file that is there is whole and has been read
 * once; the API has no pages, so that an answer may be larger than what fits into memory.
 *
 * @throws FINAL where the API refuses the credentials: another try is of no use
 */
export async function download (endpoint: string, path: string, options: ApiOptions): Promise<number> {
  try {
    // What a try before this one has left is not in the way.
    await rm(path, { force: true })
    return await fetchRows(endpoint, path, options)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

async function fetchRows (
  endpoint: string,
  path: string,
  { credentials, timeoutMs, signal }: ApiOptions
): Promise<number> {
  const { base_url: base, username, password } = credentials
  const agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: timeoutMs } })
  let rows = 0
  // What comes is written as it is, once it has been read.
  async function * checked (body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = createJsonArrayReader()
    for await (const chunk of bounded(body, endpoint)) {
      rows += reader.push(chunk).length
      yield chunk
    }
    reader.end()
  }
  try {
    const { statusCode, body } = await request(`${base.replace(/\/$/, '')}/${endpoint}`, {
      dispatcher: agent,
      signal,
      headers: {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        accept: 'application/json',
        'user-agent': 'signalbox'
      }
    })
    if (statusCode !== 200) {
      body.on('error', () => {}).destroy()
      if (REFUSED.has(statusCode)) {
        throw errors.final(`${endpoint}: the API answers with status ${statusCode}: it refuses the credentials`)
      }
      throw new Error(`${endpoint}: the API answers with status ${statusCode}`)
    }
    await pipeline(
      checked(body),
      createGzip({ level: constants.Z_BEST_SPEED }),
      createWriteStream(path, { flags: 'wx' }),
      { signal }
    )
    return rows
  } catch (error) {
    throw plain(error, endpoint)
  } finally {
    await agent.destroy()
  }
}

async function * bounded (body: AsyncIterable<Uint8Array>, endpoint: string): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw errors.final(`${endpoint}: the API answers with more than ${MAX_BYTES} bytes`)
    yield chunk
  }
}

/** What undici says of a lost connection is often empty, or the code alone. */
function plain (error: unknown, endpoint: string): Error {
  const { message, code, cause } = error as Error & { code?: string }
  if (message.startsWith(`${endpoint}: `)) return error as Error
  const inner = (cause as { code?: string } | undefined)?.code ?? code
  return new Error(`${endpoint}: ${message === '' ? 'the API does not answer' : message}${inner === undefined || message.includes(inner) ? '' : ` (${inner})`}`)
}
