import type { TSchema } from 'typebox'

/** What is shown in the place of a secret. */
export const MASK = '***'

type Node = { writeOnly?: boolean, properties?: Record<string, Node>, patternProperties?: Record<string, Node>, additionalProperties?: Node | boolean, items?: Node, anyOf?: Node[], allOf?: Node[], oneOf?: Node[] }

const nodesBelow = (node: Node, name: string): Node[] => {
  const matching = Object.entries(node.patternProperties ?? {}).filter(([pattern]) => new RegExp(pattern, 'u').test(name)).map(([, one]) => one)
  const own = [node.properties?.[name] ?? node.items ?? node.additionalProperties, ...matching]
  return [...own.filter((one): one is Node => typeof one === 'object'), ...alternativesOf(node).flatMap((one) => nodesBelow(one, name))]
}
const alternativesOf = ({ anyOf = [], allOf = [], oneOf = [] }: Node): Node[] => [...anyOf, ...allOf, ...oneOf]
const isSecret = (node: Node): boolean => node.writeOnly === true || alternativesOf(node).some(isSecret)

/** Calls `replace` for every secret of `value`, at any depth, and answers a copy with what it answered. */
function walk (nodes: Node[], value: unknown, replace: (secret: unknown, beside: Record<string, unknown>) => unknown, beside: Record<string, unknown> = {}): unknown {
  if (nodes.some(isSecret)) return replace(value, beside)
  if (Array.isArray(value)) return value.map((child, i) => walk(nodes.flatMap((node) => nodesBelow(node, String(i))), child, replace))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, walk(nodes.flatMap((node) => nodesBelow(node, name)), child, replace, value as Record<string, unknown>)]))
}

/** A copy without its secrets. An empty one is shown as such. */
export const maskBlock = (schema: TSchema, value: unknown): unknown => walk([schema as Node], value, (secret) => secret === '' ? '' : MASK)

/** Every form in which a secret of this block may turn up in a text. */
export function secretsOf (schema: TSchema, value: unknown): string[] {
  const found: string[] = []
  walk([schema as Node], value, (secret, beside) => {
    const texts = stringsIn(secret)
    found.push(...texts, ...texts.flatMap(partsOfUrl))
    // How HTTP Basic and SASL PLAIN send it.
    const user = beside['username'] ?? beside['user']
    if (typeof user === 'string') for (const text of texts) found.push(Buffer.from(`${user}:${text}`).toString('base64'), Buffer.from(`\0${user}\0${text}`).toString('base64'))
    return secret
  })
  const forms = found.flatMap((text) => [text, encodeURIComponent(text.toWellFormed()), JSON.stringify(text).slice(1, -1), Buffer.from(text).toString('base64')])
  return [...new Set(forms)].filter((text) => text !== '')
}

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

/** An error of a client often names a part of the address only. A short path names a place, a long one is a capability. */
function partsOfUrl (text: string): string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return []
  const path = url.pathname + url.search
  return [url.href, url.password, decoded(url.password), ...(path.length >= 16 ? [path, path.slice(1)] : [])]
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
