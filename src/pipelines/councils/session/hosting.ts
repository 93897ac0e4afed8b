import { deadline } from '../../../base/deadline.ts'
import type { Inputs } from '../../../sdk/inputs/inputs.ts'
import { decideHost } from '../media/host.ts'
import { sessionFiles } from './files.ts'
import type { Video } from './video.ts'
import type { WorkWithFiles } from './work.ts'

const TIMEOUT_MS = 30_000

/** The address that the session is known by, and why it is a copy of ours where it is. */
export async function hostVideo (
  { path, contentHash, isChanged }: Video,
  { params: { session }, inputs, store, signal, kept }: WorkWithFiles
): Promise<{ uri: string, hosted: string | null }> {
  const decision = await decideHost({
    videoUri: session.video_uri,
    isChanged,
    exists: async (uri) => await answers(uri, inputs, signal)
  })
  if ('uri' in decision) return { uri: decision.uri, hosted: null }
  const name = sessionFiles(contentHash).video(path)
  await kept.keep(name, path)
  return { uri: store.url(name), hosted: decision.host }
}

/** Whether its first bytes are to be had: a HEAD is refused by servers that answer a GET. */
async function answers (uri: string, inputs: Inputs, signal: AbortSignal): Promise<boolean> {
  try {
    const source = await inputs.open(uri, {
      field: 'session/video_uri',
      signal: AbortSignal.any([signal, deadline(TIMEOUT_MS)])
    })
    const bytes = source[Symbol.asyncIterator]()
    const { done } = await bytes.next()
    await bytes.return?.()
    return done !== true
  } catch {
    signal.throwIfAborted()
    return false
  }
}
