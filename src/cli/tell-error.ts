import { SignalboxError, UsageError } from '../base/errors.ts'
import { EXIT } from './exit-code.ts'
import { plain } from './screen.ts'

/** What went wrong, as programs are told with --json. The codes are those of the service, and USAGE. */
export type Told = {
  code: string
  message: string
  statusCode?: number | undefined
  field?: string | undefined
  hint?: string | undefined
}

/** Writes why a command has failed: one line of JSON where that was asked for, else the message and what helps. */
export function writeError (stderr: NodeJS.WriteStream, json: boolean, { hint, ...told }: Told): void {
  if (json) stderr.write(`${JSON.stringify({ error: { ...told, hint } })}\n`)
  else stderr.write(`signalbox: ${plain(told.message)}\n${hint === undefined ? '' : `${hint}\n`}`)
}

/** An error that no command has told itself. Answers the exit code. */
export function tellError (error: unknown, args: string[], stderr: NodeJS.WriteStream): number {
  if (isClosedPipe(error)) return EXIT.ok
  const isUsage = error instanceof UsageError
  if (isUsage || error instanceof SignalboxError) {
    const code = isUsage ? 'USAGE' : error.code
    if (args.includes('--json')) writeError(stderr, true, { code, message: error.message })
    else stderr.write(`signalbox: ${error.message}\n`)
  } else stderr.write(`signalbox: ${(error as Error).stack ?? String(error)}\n`)
  return isUsage ? EXIT.usage : EXIT.failed
}

/** Whoever reads the answer may stop reading: `signalbox events --all | head`. */
export const isClosedPipe = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'EPIPE'

export function leaveQuietly (error: NodeJS.ErrnoException): void {
  if (!isClosedPipe(error)) throw error
}
