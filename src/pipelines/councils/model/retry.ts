import { retry } from '../../../base/retry.ts'

/** Three tries, as the original; the pause doubles. */
const TRIES = 3

const PASSING = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_SOCKET'])

/** Runs `act` again where it failed by something that may pass: the network, 429 and 5xx. */
export const withRetries = async <T>(act: () => Promise<T>, { pauseMs, signal, log }: { pauseMs: number, signal: AbortSignal, log: (line: string) => void }): Promise<T> =>
  await retry(act, { tries: TRIES, delayMs: pauseMs, growth: 2, mayPass, signal, log })

/** By the codes of Node and undici and by the status of an answer, wherever in the chain of causes it stands. */
function mayPass (error: unknown): boolean {
  for (let one = error, depth = 0; typeof one === 'object' && one !== null && depth < 8; one = (one as Error).cause, depth++) {
    const { code, status, statusCode, name } = one as { code?: unknown, status?: unknown, statusCode?: unknown, name?: unknown }
    const answered = Number(statusCode ?? status)
    if (code === 'FINAL' || code === 'INPUT_REFUSED') return false
    if (PASSING.has(String(code)) || name === 'TimeoutError' || answered === 429 || answered >= 500) return true
  }
  return false
}
