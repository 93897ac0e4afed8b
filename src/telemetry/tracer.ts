import { randomBytes } from 'node:crypto'
import { readTraceparent, type Span, type SpanGiven, type Tracer } from '../base/trace.ts'
import { createExporter, toKeyValues, type Exporter } from './otlp.ts'
import type { TelemetrySettings } from './settings.ts'

const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const
const OK = 1
const ERROR = 2
const SAMPLED = '01'

export interface OpenTracer extends Tracer {
  close: () => Promise<void>
}

/** Spans by OTLP. A trace that began elsewhere is kept or not as its sender has said. */
export function openTracer (settings: TelemetrySettings, onError: (error: Error) => void): OpenTracer {
  const exporter = createExporter(settings, onError)
  return {
    isOn: true,
    span: (given) => begin(exporter, settings.ratio, given),
    close: exporter.close
  }
}

type Context = { traceId: string, spanId: string, flags: string }

function begin (exporter: Exporter, ratio: number, given: SpanGiven): Span {
  const parent = read(given.parent)
  const { traceId, spanId, flags } = read(given.as) ?? child(parent, ratio)
  const start = given.start ?? Date.now()
  const began = performance.now()
  let isOpen = true
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    end: ({ error, at, attributes = {} } = {}) => {
      if (!isOpen) return
      isOpen = false
      if ((Number.parseInt(flags, 16) & 1) === 0) return
      exporter.export({
        traceId,
        spanId,
        parentSpanId: parent?.traceId === traceId ? parent.spanId : undefined,
        name: given.name,
        kind: KINDS[given.kind ?? 'internal'],
        startTimeUnixNano: nanoseconds(start),
        endTimeUnixNano: nanoseconds(Math.max(start, at ?? start + performance.now() - began)),
        attributes: toKeyValues({ ...given.attributes, ...attributes }),
        links: linksOf(given, parent?.traceId === traceId ? undefined : parent),
        status: error === undefined ? { code: OK } : { code: ERROR, message: error }
      })
    }
  }
}

function child (parent: Context | undefined, ratio: number): Context {
  const spanId = randomBytes(8).toString('hex')
  if (parent !== undefined) return { ...parent, spanId }
  return { traceId: randomBytes(16).toString('hex'), spanId, flags: Math.random() < ratio ? SAMPLED : '00' }
}

/** A parent of another trace is linked. */
function linksOf ({ links = [] }: SpanGiven, other: Context | undefined): Array<{ traceId: string, spanId: string }> {
  const found = links.map(read).filter((one) => one !== undefined)
  return [...found, ...other === undefined ? [] : [other]].map(({ traceId, spanId }) => ({ traceId, spanId }))
}

function read (traceparent: string | undefined): Context | undefined {
  const [, traceId = '', spanId = '', flags = ''] = readTraceparent(traceparent)?.split('-') ?? []
  return traceId === '' ? undefined : { traceId, spanId, flags }
}

/** Milliseconds with a fraction do not keep nanoseconds as one number. */
function nanoseconds (ms: number): string {
  const whole = Math.floor(ms)
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1_000_000)))
}
