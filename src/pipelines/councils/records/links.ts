import { deadline } from '../../../base/deadline.ts'
import { errors } from '../../../base/errors.ts'
import { doubling, isPassing, retry } from '../../../base/retry.ts'
import type { Inputs } from '../../../sdk/inputs/inputs.ts'

/** How long one try at an address may take. */
const TIMEOUT_MS = 15_000

/** Which of the addresses of a thing answers: with https before http. */
export type Links = (uri: string) => Promise<{ uri: string, reason?: undefined } | { uri?: undefined, reason: string }>

type Look = {
  inputs: Inputs
  signal: AbortSignal
  log: (line: string) => void
  pauseMs: number
}

/** Each address is asked for once in a run; of what it answers no more than the first bytes are taken. */
export function createLinks (settings: Look): Links {
  const asked = new Map<string, ReturnType<Links>>()
  return async (uri) => {
    let found = asked.get(uri)
    if (found === undefined) {
      found = look(settings, uri)
      asked.set(uri, found)
    }
    return await found
  }
}

async function look (settings: Look, uri: string): ReturnType<Links> {
  // Files in a cloud store are its owner's to see; they are linked as they are.
  if (/^(gs|s3):\/\//.test(uri)) return { uri }
  if (!/^https?:\/\//i.test(uri)) return { reason: 'is not an http(s) address' }
  let reason = ''
  for (const one of new Set([uri.replace(/^http:/i, 'https:'), uri])) {
    const refusal = await whyNot(settings, one)
    if (refusal === undefined) return { uri: one }
    reason = refusal
  }
  return { reason }
}

/** Undefined where the address answers. */
async function whyNot (settings: Look, uri: string): Promise<string | undefined> {
  const { pauseMs, signal, log } = settings
  const again = { tries: 3, delays: doubling(pauseMs), mayPass: isPassing, signal, log }
  try {
    await retry(async () => { await readFirstBytes(settings, uri) }, again)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return (error as Error).message
  }
}

async function readFirstBytes ({ inputs, signal }: Look, uri: string): Promise<void> {
  const timeout = deadline(TIMEOUT_MS)
  try {
    const opened = await inputs.open(uri, { field: 'it', signal: AbortSignal.any([signal, timeout]) })
    const bytes = opened[Symbol.asyncIterator]()
    try {
      await bytes.next()
    } finally {
      await bytes.return?.()
    }
  } catch (error) {
    // Not tried again: a server that is silent for so long once would keep the job for as long three times.
    if (timeout.aborted) throw errors.inputRefused('it', `did not answer within ${TIMEOUT_MS / 1000} s`)
    throw error
  }
}
