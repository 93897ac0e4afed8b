import { parentPort } from 'node:worker_threads'
import { createEncoder, type EncodedRow } from './encode.ts'

export type ToEncoder = { rows: EncodedRow[] } | { suspicious: readonly string[] }
export type FromEncoder = { bytes: Uint8Array } | { failure: string }

const encoder = createEncoder()
/** One after the other: the groups of a file have an order. */
let before: Promise<void> = Promise.resolve()

async function answer (message: ToEncoder): Promise<void> {
  try {
    const bytes = 'rows' in message ? await encoder.group(message.rows) : await encoder.finish(message.suspicious)
    parentPort?.postMessage({ bytes } satisfies FromEncoder, [bytes.buffer as ArrayBuffer])
  } catch (error) {
    parentPort?.postMessage({ failure: error instanceof Error ? error.message : String(error) } satisfies FromEncoder)
  }
}

parentPort?.on('message', (message: ToEncoder) => { before = before.then(async () => { await answer(message) }) })
