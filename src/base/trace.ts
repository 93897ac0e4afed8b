/** W3C trace context, level 1: version, trace, span, flags. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** A valid traceparent, as a header or as the extension of a CloudEvent; undefined where it is none. */
export function readTraceparent (value: unknown): string | undefined {
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined
}

export type Attributes = Record<string, string | number | boolean | undefined>

export type SpanGiven = {
  name: string
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  /** The traceparent of what it belongs to; without one it begins a trace. */
  parent?: string | undefined
  /** Traceparents of what it has to do with and does not belong to. */
  links?: Array<string | undefined>
  /** Its own traceparent, where that was made before. */
  as?: string | undefined
  /** Milliseconds; now by default. */
  start?: number
  attributes?: Attributes
}

export interface Span {
  /** What is handed on: its own, or that of its parent where nothing is traced. */
  readonly traceparent: string | undefined
  /** `error` is the reason of a failure; `at` milliseconds, now by default. The first end counts. */
  end: (told?: { error?: string | undefined, at?: number, attributes?: Attributes }) => void
}

/** Makes spans, and sends them somewhere. */
export interface Tracer {
  /** Whether anything is traced: what costs more than a span is done only then. */
  readonly isOn: boolean
  span: (given: SpanGiven) => Span
}

/** Hands on what came, and makes nothing. */
export const noTracer: Tracer = {
  isOn: false,
  span: ({ parent }) => ({ traceparent: parent, end: () => {} })
}
