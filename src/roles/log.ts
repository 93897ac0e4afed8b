import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'
import pretty from 'pino-pretty'

/**
 * JSON lines for machines; on a terminal, lines for people. What could hold a secret is not
 * written; `redact` takes out those that are known.
 */
export function createLog (
  level: string,
  terminal: boolean,
  destination?: DestinationStream,
  redact = (line: string): string => line
): Logger {
  const options = {
    hooks: { streamWrite: redact },
    level,
    timestamp: stdTimeFunctions.isoTime,
    base: null,
    serializers: { err: toPlainError },
    redact: { paths: ['req.headers.authorization', '*.password', '*.token'], censor: '***' }
  }
  return terminal
    ? pino(options, pretty({ translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true }))
    : pino(options, destination)
}

/** Only what says what went wrong: ioredis hangs the command on its errors, and AUTH is a command. */
function toPlainError (error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, code, cause } = error as Error & { code?: unknown }
  return {
    type: name,
    message,
    stack,
    code,
    cause: cause === undefined ? undefined : toPlainError(cause)
  }
}
