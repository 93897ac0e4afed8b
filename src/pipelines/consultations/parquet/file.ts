import { once } from 'node:events'
import { Worker as Thread } from 'node:worker_threads'
import type { EncodedRow } from './encode.ts'
import type { FromEncoder, ToEncoder } from './thread.ts'

/** A group of rows is in memory as a whole, several times over. */
const GROUP_ROWS = 1000
const GROUP_BYTES = 8 * 1024 * 1024

/**
 * The bytes of the file, a group of rows at a time. Dates and times are timestamps without a zone, as the platform
 * gives them. A thread of its own encodes and compresses one group while the next one is read and checked.
 */
export async function * toParquet (
  rows: AsyncIterable<EncodedRow>,
  suspicious: readonly string[] = []
): AsyncGenerator<Uint8Array> {
  // beside this file as .ts in a checkout and as .js when compiled
  const thread = new Thread(
    new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url),
    { env: {} }
  )
  try {
    let encoding: Promise<Uint8Array> | undefined
    for await (const group of groupRows(rows)) {
      if (encoding !== undefined) yield await encoding
      encoding = ask(thread, { rows: group })
      // It is waited for when the next group is there, or never where reading that fails.
      encoding.catch(() => {})
    }
    if (encoding !== undefined) yield await encoding
    yield await ask(thread, { suspicious })
  } finally {
    await thread.terminate()
  }
}

async function ask (thread: Thread, message: ToEncoder): Promise<Uint8Array> {
  const over = new AbortController()
  try {
    const ended = once(thread, 'exit', { signal: over.signal }).then(([code]) => ({
      failure: `the thread ended with ${String(code)}`
    }))
    const answered = once(thread, 'message', { signal: over.signal }).then(([answer]) => answer as FromEncoder)
    thread.postMessage(message)
    const answer = await Promise.race([answered, ended])
    if ('bytes' in answer) return answer.bytes
    throw new Error(`the output cannot be encoded: ${answer.failure}`)
  } finally {
    over.abort()
  }
}

async function * groupRows (rows: AsyncIterable<EncodedRow>): AsyncGenerator<EncodedRow[]> {
  let group: EncodedRow[] = []
  let bytes = 0
  for await (const row of rows) {
    group.push(row)
    bytes += row.document_content_plain.length
    if (group.length < GROUP_ROWS && bytes < GROUP_BYTES) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}
