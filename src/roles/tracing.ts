import type { Logger } from 'pino'
import { noTracer, type Tracer } from '../base/trace.ts'
import type { Closers } from './closers.ts'

type Given = { env: Record<string, string | undefined>, version: string, host: string, log: Logger }

/** Off unless the environment names a collector; then nothing of it is loaded. */
export async function openConfiguredTracer ({ env, version, host, log }: Given, closers: Closers): Promise<Tracer> {
  const isWanted = Object.keys(env).some((name) => /^OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT$/.test(name))
  if (!isWanted) return noTracer
  const { readTelemetry } = await import('../telemetry/settings.ts')
  const settings = readTelemetry(env, { version, host })
  if (settings === undefined) return noTracer
  const { openTracer } = await import('../telemetry/tracer.ts')
  const tracer = openTracer(settings, (error) => { log.warn({ err: error }, 'traces are not sent') })
  closers.add(tracer.close)
  return tracer
}
