import { deadline } from '../../../base/deadline.ts'
import { errors } from '../../../base/errors.ts'
import { doubling, isPassing, retry } from '../../../base/retry.ts'
import type { Inputs } from '../../../sdk/inputs/inputs.ts'

/** How long one try at an address may take. */
const TIMEOUT_MS = 15_000

/** Which of the addresses of a thing answers: with https before http. */
export type Links = (uri: string) => Promise<{ uri: string, reason?: undefined } | { uri?: undefined, reason: string }>

/** Each address is asked for once in a run; of what it answers no more than the first bytes are taken. */
export function createLinks ({
  inputs, signal, log, pauseMs
}: {
  inputs: Inputs
  signal: AbortSignal
  log: (line: string) => void
  pauseMs: number
}): Links {
  const asked = new Map<string, ReturnType<Links>>()

  async function answers (uri: string): Promise<string | undefined> {
    try {
      await retry(
        async () => {
          await firstBytes(uri)
        },
        { tries: 3, delays: doubling(pauseMs), mayPass: isPassing, signal, log }
      )
      return undefined
    } catch (error) {
      signal.throwIfAborted()
      return (error as Error).message
    }
  }

  async function firstBytes (uri: string): Promise<void> {
    const timeout = deadline(TIMEOUT_MS)
    try {
      const bytes = (await inputs.open(uri, { field: 'it', signal: AbortSignal.any([signal, timeout]) }))[
        Symbol.asyncIterator
      ]()
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

  async function look (uri: string): ReturnType<Links> {
    // Files in a cloud store are its owner's to see; they are linked as they are.
    if (/^(gs|s3):\/\//.test(uri)) return { uri }
    if (!/^https?:\/\//i.test(uri)) return { reason: 'is not an http(s) address' }
    let reason = ''
    for (const one of new Set([uri.replace(/^http:/i, 'https:'), uri])) {
      const refusal = await answers(one)
      if (refusal === undefined) return { uri: one }
      reason = refusal
    }
    return { reason }
  }

  return async (uri) => {
    let found = asked.get(uri)
    if (found === undefined) {
      found = look(uri)
      asked.set(uri, found)
    }
    return await found
  }
}
