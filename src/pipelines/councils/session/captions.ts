import { deadline } from '../../../base/deadline.ts'
import type { Inputs } from '../../../sdk/inputs/inputs.ts'
import { retry } from '../../../base/retry.ts'

const MAX_BYTES = 32 * 1024 * 1024
/** A caption file is small; a server that takes longer sends none. */
const TIMEOUT_MS = 60_000

type Fetch = { uri: string, inputs: Inputs, delayMs: number, signal: AbortSignal, log: (line: string) => void }

/** The bytes of a caption file, or why there are none: that is no failure, as speech can be heard instead. */
export async function fetchCaptions ({
  uri, inputs, delayMs, signal, log
}: Fetch): Promise<{ bytes: Uint8Array } | { problem: string }> {
  try {
    return {
      bytes: await retry(async () => await readAll(uri, inputs, AbortSignal.any([signal, deadline(TIMEOUT_MS)])), {
        tries: 3,
        delays: [delayMs],
        signal,
        log
      })
    }
  } catch (error) {
    signal.throwIfAborted()
    return { problem: (error as Error).message }
  }
}

async function readAll (uri: string, inputs: Inputs, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of await inputs.open(uri, { field: 'session/caption_uri', signal })) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error(`session/caption_uri has more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
