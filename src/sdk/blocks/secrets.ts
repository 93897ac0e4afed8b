import type { TSchema } from 'typebox'
import { MASK } from '../masking/redactor.ts'

export { MASK }

type Node = {
  writeOnly?: boolean
  properties?: Record<string, Node>
  patternProperties?: Record<string, Node>
  additionalProperties?: Node | boolean
  items?: Node
  anyOf?: Node[]
  allOf?: Node[]
  oneOf?: Node[]
}

/** A copy without its secrets. An empty one is shown as such. */
export const maskBlock = (schema: TSchema, value: unknown): unknown =>
  walk([schema as Node], value, (secret) => secret === '' ? '' : MASK)

/** The secrets of a block, and the parts of an address that are secret too. */
export function secretsOf (schema: TSchema, value: unknown): string[] {
  const found: string[] = []
  walk([schema as Node], value, (secret) => {
    const texts = stringsIn(secret)
    found.push(...texts, ...texts.flatMap(partsOfUrl))
    return secret
  })
  return [...new Set(found)].filter((text) => text !== '')
}

/** Calls `replace` for every secret of `value`, at any depth, and answers a copy with what it answered. */
function walk (nodes: Node[], value: unknown, replace: (secret: unknown) => unknown): unknown {
  if (nodes.some(isSecret)) return replace(value)
  const below = (name: string): Node[] => nodes.flatMap((node) => nodesBelow(node, name))
  if (Array.isArray(value)) return value.map((child, i) => walk(below(String(i)), child, replace))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, walk(below(name), child, replace)]))
}

function nodesBelow (node: Node, name: string): Node[] {
  const patterns = Object.entries(node.patternProperties ?? {})
  const matching = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(name)).map(([, one]) => one)
  const own = [node.properties?.[name] ?? node.items ?? node.additionalProperties, ...matching]
  const alternatives = alternativesOf(node).flatMap((one) => nodesBelow(one, name))
  return [...own.filter((one): one is Node => typeof one === 'object'), ...alternatives]
}

const alternativesOf = ({ anyOf = [], allOf = [], oneOf = [] }: Node): Node[] => [...anyOf, ...allOf, ...oneOf]

const isSecret = (node: Node): boolean => node.writeOnly === true || alternativesOf(node).some(isSecret)

function stringsIn (value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

/**
 * An error of a client often names a part of the address only. A short path names a place, a long one is a capability.
 */
function partsOfUrl (text: string): string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return []
  const path = url.pathname + url.search
  return [url.href, url.password, decoded(url.password), ...path.length >= 16 ? [path, path.slice(1)] : []]
}

function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
