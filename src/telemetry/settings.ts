/** Where spans go, by the variables that OpenTelemetry has named. */
export type TelemetrySettings = {
  url: string
  headers: Record<string, string>
  resource: Record<string, string>
  /** Which part of the traces that begin here is kept, 0 to 1. */
  ratio: number
  timeoutMs: number
}

type Environment = Record<string, string | undefined>

const TIMEOUT_MS = 10_000

/** Undefined where nothing is to be traced. Only OTLP over HTTP as JSON is spoken. */
export function readTelemetry (
  env: Environment,
  about: { version: string, host: string }
): TelemetrySettings | undefined {
  const url = endpointOf(env)
  const isOff = env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none'
  if (url === undefined || isOff) return undefined
  return {
    url,
    headers: {
      ...readPairs(env['OTEL_EXPORTER_OTLP_HEADERS']),
      ...readPairs(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'])
    },
    resource: {
      'service.name': 'signalbox',
      'service.version': about.version,
      'host.name': about.host,
      ...readPairs(env['OTEL_RESOURCE_ATTRIBUTES']),
      ...env['OTEL_SERVICE_NAME'] ? { 'service.name': env['OTEL_SERVICE_NAME'] } : {}
    },
    ratio: ratioOf(env),
    timeoutMs: Number(env['OTEL_EXPORTER_OTLP_TIMEOUT']) || TIMEOUT_MS
  }
}

function endpointOf (env: Environment): string | undefined {
  const traces = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']
  if (traces) return traces
  const all = env['OTEL_EXPORTER_OTLP_ENDPOINT']
  return all ? `${all.replace(/\/+$/, '')}/v1/traces` : undefined
}

/** `a=1,b=two%20words` */
function readPairs (text = ''): Record<string, string> {
  const pairs = text.split(',').map((pair) => /^\s*([^=\s]+)\s*=(.*)$/.exec(pair))
  return Object.fromEntries(
    pairs.flatMap((found) => found === null ? [] : [[found[1], decode(found[2]?.trim() ?? '')]])
  )
}

function decode (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function ratioOf ({ OTEL_TRACES_SAMPLER: sampler = '', OTEL_TRACES_SAMPLER_ARG: given }: Environment): number {
  if (sampler.endsWith('always_off')) return 0
  const ratio = Number(given)
  return sampler.endsWith('traceidratio') && given !== undefined && ratio >= 0 && ratio <= 1 ? ratio : 1
}
