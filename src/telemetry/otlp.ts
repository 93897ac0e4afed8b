import { setTimeout as sleep } from 'node:timers/promises'
import { deadline } from '../base/deadline.ts'
import type { Attributes } from '../base/trace.ts'
import type { TelemetrySettings } from './settings.ts'

/** A span as OTLP has it, JSON of `opentelemetry.proto.trace.v1.Span`. */
export type OtlpSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string | undefined
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: KeyValue[]
  links: Array<{ traceId: string, spanId: string }>
  status: { code: number, message?: string }
}

type KeyValue = { key: string, value: Record<string, unknown> }

export interface Exporter {
  export: (span: OtlpSpan) => void
  /** Sends what waits. Idempotent. */
  close: () => Promise<void>
}

const EVERY_MS = 2000
const MOST_AT_ONCE = 512
/** Spans that wait for a collector which is away; then the oldest go. */
const MOST_WAITING = 10_000
const TRIES = 3
const PAUSE_MS = 500

type State = TelemetrySettings & {
  waiting: OtlpSpan[]
  timer: NodeJS.Timeout | undefined
  sending: Promise<void>
  onError: (error: Error) => void
}

/** Sends spans by OTLP/HTTP in batches. A collector that is away costs spans and nothing else. */
export function createExporter (settings: TelemetrySettings, onError: (error: Error) => void): Exporter {
  const state: State = { ...settings, waiting: [], timer: undefined, sending: Promise.resolve(), onError }
  return {
    export: (span) => {
      state.waiting.push(span)
      if (state.waiting.length > MOST_WAITING) state.waiting.shift()
      if (state.waiting.length >= MOST_AT_ONCE) flush(state)
      else state.timer ??= setTimeout(() => { flush(state) }, EVERY_MS)
    },
    close: async () => {
      flush(state)
      await state.sending
    }
  }
}

function flush (state: State): void {
  clearTimeout(state.timer)
  state.timer = undefined
  const spans = state.waiting.splice(0)
  if (spans.length === 0) return
  state.sending = state.sending.then(async () => { await send(state, spans) }).catch(state.onError)
}

async function send ({ url, headers, resource, timeoutMs }: State, spans: OtlpSpan[]): Promise<void> {
  const scopeSpans = [{ scope: { name: 'signalbox' }, spans }]
  const body = JSON.stringify({ resourceSpans: [{ resource: { attributes: toKeyValues(resource) }, scopeSpans }] })
  for (let tries = 1; ; tries++) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: deadline(timeoutMs)
    }).catch((error: unknown) => error as Error)
    if (!(answer instanceof Error)) {
      await answer.arrayBuffer()
      if (answer.ok) return
    }
    const mayPass = answer instanceof Error || [429, 502, 503, 504].includes(answer.status)
    if (!mayPass || tries === TRIES) {
      const why = answer instanceof Error ? answer.message : `it answered ${answer.status}`
      throw new Error(`${spans.length} spans were not taken by ${new URL(url).origin}: ${why}`)
    }
    await sleep(PAUSE_MS * tries)
  }
}

export function toKeyValues (attributes: Attributes): KeyValue[] {
  return Object.entries(attributes)
    .flatMap(([key, value]) => value === undefined ? [] : [{ key, value: toValue(value) }])
}

function toValue (value: string | number | boolean): Record<string, unknown> {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
