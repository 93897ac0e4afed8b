import { findSecrets } from './find.ts'
import { createNeedles, type Needles, SHORT } from './needles.ts'
import type { Span } from './view.ts'

export { SHORT }

/** What is shown in the place of a secret. */
export const MASK = '***'

/** Takes secrets out of texts, once it has been told them. */
export interface Redactor {
  add: (secrets: string[]) => void
  text: (text: string) => string
  /** Of any JSON value, the names of its fields too. The value itself where nothing was found. */
  value: <T>(value: T) => T
  /** Whether a secret stands in it, in whatever encoding. */
  finds: (text: string) => boolean
}

type State = { known: Set<string>, needles: Needles | undefined, least: number }

/** `least`: shorter secrets are left. In lines of JSON a short one could be a number or a word of JSON itself. */
export function createRedactor (least = 1): Redactor {
  const state: State = { known: new Set(), needles: undefined, least }
  return {
    add: add.bind(null, state),
    text: (text) => hideIn(state, text),
    value: <T>(value: T) => (state.needles === undefined ? value : hideInValue(state, value)) as T,
    finds: (text) => state.needles !== undefined && findSecrets(text, state.needles).length > 0
  }
}

function add (state: State, secrets: string[]): void {
  const before = state.known.size
  for (const one of secrets) if (one.trim() !== '' && one.length >= state.least) state.known.add(one)
  if (state.known.size > before) state.needles = createNeedles(state.known)
}

function hideIn ({ needles }: State, text: string): string {
  if (needles === undefined) return text
  if (needles.isPiece(text.trim())) return MASK
  const parts: string[] = []
  let at = 0
  for (const [start, end] of merged(findSecrets(text, needles))) {
    parts.push(text.slice(at, start), MASK)
    at = end
  }
  return parts.length === 0 ? text : `${parts.join('')}${text.slice(at)}`
}

/** In their order, those that overlap as one. */
function merged (spans: Span[]): Span[] {
  const all: Span[] = []
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (last === undefined || start >= last[1]) all.push([start, end])
    else last[1] = Math.max(last[1], end)
  }
  return all
}

function hideInValue (state: State, value: unknown): unknown {
  if (typeof value === 'string') return hideIn(state, value)
  if (typeof value === 'number') return hideIn(state, String(value)) === String(value) ? value : MASK
  if (Array.isArray(value)) return isSpeltOut(state, value) ? MASK : value.map((child) => hideInValue(state, child))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [hideIn(state, name), hideInValue(state, child)])
  )
}

/** A secret as a list of its bytes, or of its characters. */
function isSpeltOut ({ needles }: State, list: unknown[]): boolean {
  if (needles === undefined || list.length === 0) return false
  if (list.every((one) => typeof one === 'number')) return findSecrets(list.join(','), needles).length > 0
  return (
    list.every((one) => typeof one === 'string' && one.length <= 2) && findSecrets(list.join(''), needles).length > 0
  )
}
