import { SignalboxError, errors } from '../base/errors.ts'

/** A thrown value in a form that crosses a thread. */
export type Failure = { message: string, final: boolean, code?: string, field?: string, stack?: string }

const maxMessage = 2000

/**
 * What was thrown, whatever it is. A `code` of FINAL or INPUT_REFUSED makes it final; it is judged by the code and not
 * by the class, so that a module from outside this project can say it too. `redact` is given the message before it is
 * cut.
 */
export const toFailure = (thrown: unknown, redact = (text: string): string => text): Failure => {
  const error = typeof thrown === 'object' && thrown !== null ? thrown as Record<string, unknown> : {}
  const text =
    typeof error.message === 'string'
      ? error.message
      : thrown instanceof Object
        ? 'the process threw an object without a message'
        : String(thrown)
  return {
    message:
      text.trim() === ''
        ? `the process threw ${thrown instanceof Error ? thrown.name : 'an empty value'} without a message`
        : redact(text).slice(0, maxMessage),
    final: error.code === 'FINAL' || error.code === 'INPUT_REFUSED',
    code: textOf(error.code),
    field: textOf(error.field),
    stack: textOf(error.stack)
  }
}

const textOf = (value: unknown): string | undefined => typeof value === 'string' ? value : undefined

/** Work that was told to stop, did not, and cannot be made to. */
export class StillRuns extends Error { override name = 'StillRuns' }

/** The error to reject with. */
export const fromFailure = ({ message, final, code, field, stack }: Failure): Error => {
  const error = !final
    ? new Error(message)
    : code === 'INPUT_REFUSED'
      ? new SignalboxError('INPUT_REFUSED', 400, message, { field })
      : errors.final(message)
  if (stack !== undefined) error.stack = stack
  return error
}

/** Why the work was told to stop, as the one who aborted it put it. */
export const stopReason = (signal: AbortSignal): string => {
  const reason: unknown = signal.reason
  if (reason instanceof Error) return reason.message
  return typeof reason === 'string' ? reason : 'it was told to stop'
}
