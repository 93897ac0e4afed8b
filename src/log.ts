import { pino, stdTimeFunctions, type Logger } from 'pino'
import pretty from 'pino-pretty'

/** JSON lines for machines; on a terminal, lines for people. What could hold a secret is not written. */
export function createLog (level: string, terminal: boolean): Logger {
  const options = { level, timestamp: stdTimeFunctions.isoTime, base: null, redact: { paths: ['req.headers.authorization', '*.password', '*.token'], censor: '***' } }
  return terminal ? pino(options, pretty({ translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true })) : pino(options)
}
