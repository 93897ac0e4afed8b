import { timerMs } from '../../base/deadline.ts'
import { signal } from '@preact/signals'
import { EventClientError } from '../../client/event-client-error.ts'
import { messageOf } from './session.ts'

/** One line at the foot of the page that tells what an action came to. */
export const notice = signal<{ text: string, tone: 'good' | 'bad' } | undefined>(undefined)

let timer: ReturnType<typeof setTimeout> | undefined

function tell (text: string, tone: 'good' | 'bad', ms: number): void {
  notice.value = { text, tone }
  clearTimeout(timer)
  timer = setTimeout(() => {
    notice.value = undefined
  }, timerMs(ms))
}

export const done = (text: string): void => {
  tell(text, 'good', 5000)
}

/** What two people do to one thing at once is no fault of either. */
export function failed (error: unknown): void {
  const isLate = error instanceof EventClientError && error.statusCode === 409
  const message = typeof error === 'string' ? error : messageOf(error)
  tell(isLate ? `Somebody was faster: ${message}` : message, 'bad', 10_000)
}

export async function copy (text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    done(`${what} copied`)
  } catch {
    failed('the browser does not let this page copy: select the text and copy it yourself')
  }
}
