import { readFileSync, writeFileSync } from 'node:fs'
import type { OtlpSpan } from '../src/telemetry/otlp.ts'

// Draws the spans of one trace. SIGNALBOX_PICTURE=spans.json npx tap test/telemetry/traces.ts writes those of the test, and
// npx jiti scripts/trace_picture.ts spans.json docs/trace.svg draws them.

const [, , from = 'spans.json', to = 'docs/trace.svg'] = process.argv
const [ROW, LEFT, WIDTH, CHARACTER] = [22, 220, 620, 6.6]
const COLOURS: Record<number, string> = { 1: '#9aa5b1', 2: '#2f6f9f', 3: '#b5651d', 5: '#3f7d4e' }
const NAMES: Array<[string, string]> = [['accept', '#2f6f9f'], ['wait, step', '#9aa5b1'], ['run', '#3f7d4e'], ['call', '#b5651d']]

type Placed = { span: OtlpSpan, depth: number }

const spans = JSON.parse(readFileSync(from, 'utf8')) as OtlpSpan[]
const ms = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1000n) / 1000
const known = new Set(spans.map(({ spanId }) => spanId))

/** Parents first, those that began first above. */
function place (parent: string | undefined, depth: number): Placed[] {
  return spans
    .filter(({ parentSpanId = '' }) => parent === undefined ? !known.has(parentSpanId) : parentSpanId === parent)
    .sort((one, other) => ms(one.startTimeUnixNano) - ms(other.startTimeUnixNano))
    .flatMap((span) => [{ span, depth }, ...place(span.spanId, depth + 1)])
}

const placed = place(undefined, 0)
const first = Math.min(...spans.map(({ startTimeUnixNano }) => ms(startTimeUnixNano)))
const last = Math.max(...spans.map(({ endTimeUnixNano }) => ms(endTimeUnixNano)))
const escape = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
const x = (at: number): number => LEFT + (at - first) / (last - first) * WIDTH
const label = (name: string, depth: number): string => name.length * CHARACTER + depth * 14 > LEFT - 8 ? `${name.slice(0, Math.floor((LEFT - 8 - depth * 14) / CHARACTER) - 1)}…` : name

const rows = placed.map(({ span, depth }, i) => {
  const [start, end] = [ms(span.startTimeUnixNano), ms(span.endTimeUnixNano)]
  const y = 30 + i * ROW
  const width = Math.max(2, x(end) - x(start))
  const told = `${(end - start).toFixed(0)} ms`
  const beside = x(end) + 50 > LEFT + WIDTH ? `<text x="${(x(start) - 6).toFixed(1)}" y="${y + 13}" text-anchor="end"` : `<text x="${(x(end) + 6).toFixed(1)}" y="${y + 13}"`
  return `<text x="${8 + depth * 14}" y="${y + 13}">${escape(label(span.name, depth))}</text>` +
    `<rect x="${x(start).toFixed(1)}" y="${y + 3}" width="${width.toFixed(1)}" height="14" rx="2" fill="${COLOURS[span.kind] ?? '#9aa5b1'}"/>${beside} fill="#667">${told}</text>`
})
const height = 40 + placed.length * ROW
const legend = NAMES.map(([name, colour], i) => `<rect x="${LEFT + i * 110}" y="8" width="10" height="10" fill="${colour}"/><text x="${LEFT + 16 + i * 110}" y="17">${name}</text>`)
writeFileSync(to, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 20} ${height}" font-family="ui-monospace, monospace" font-size="11" fill="#223">
<title>One trace: an event, its jobs, and what followed</title>
<rect width="100%" height="100%" fill="#fff"/>
${[...legend, ...rows].join('\n')}
</svg>
`)
