import { hashOf, hashOfBytes } from '../sequence/hash.ts'
import { readAttribute, readValue } from './attributes.ts'
import type { Components } from './components.ts'
import { isOfGff3, toRow } from './rows.ts'
import type { RowBytes } from './rows.ts'

const [BLANK, COMMA, SEMICOLON] = [32, 44, 59] as const
const ID = Buffer.from('ID=')
const PARENT = Buffer.from('Parent=')

/**
 * What a row belongs to, as a number for its components: it is joined with its parents, a feature also with what names
 * it.
 */
export function nodeOf (components: Components, row: RowBytes): number {
  const found = row.isPlain && isOfGff3(row) ? joinBytes(components, row) : joinTexts(components, row)
  return found === NONE ? components.node(hashOf(`line ${row.line}`)) : found
}

const NONE = -1

/** As `joinTexts` does it, for rows in which nothing has to be decoded. */
function joinBytes (components: Components, { bytes, columns, kind }: RowBytes): number {
  const end = columns[9]! - 1
  let node = NONE
  let id = NONE
  let hasParents = false
  for (let at = columns[8]!; at < end;) {
    while (at < end && bytes[at] === BLANK) at++
    if (id === NONE && isAt(ID, bytes, at)) {
      const from = at + ID.length
      id = from
      at = endOf(bytes, from, end)
    } else if (!hasParents && isAt(PARENT, bytes, at)) {
      hasParents = true
      for (at += PARENT.length - 1; at < end && bytes[at] !== SEMICOLON;) {
        const from = at + 1
        at = endOf(bytes, from, end)
        if (at > from) node = join(components, node, hashOfBytes(bytes, from, at))
      }
    }
    while (at < end && bytes[at] !== SEMICOLON) at++
    at++
  }
  if (id === NONE || (node !== NONE && kind !== 'feature')) return node
  const to = endOf(bytes, id, end)
  return to === id ? node : join(components, node, hashOfBytes(bytes, id, to))
}

function joinTexts (components: Components, row: RowBytes): number {
  const { attributes, form } = toRow(row)
  const parents = readAttribute(attributes, 'Parent')?.filter((parent) => parent !== '') ?? []
  const id = parents.length === 0 || row.kind === 'feature' ? readValue(attributes, 'ID') : undefined
  // GTF may have exons alone, which name their gene.
  const gene = form === 'gtf' ? readValue(attributes, 'gene_id') : undefined
  const names = [...parents, ...id === undefined ? [] : [id], ...gene === undefined ? [] : [`gene:${gene}`]]
  return names.reduce((node, name) => join(components, node, hashOf(name)), NONE)
}

function join (components: Components, node: number, hash: number): number {
  const other = components.node(hash)
  if (node !== NONE && node !== other) components.join(node, other)
  return other
}

function isAt (tag: Buffer, bytes: Buffer, at: number): boolean {
  for (let index = 0; index < tag.length; index++) if (bytes[at + index] !== tag[index]) return false
  return true
}

/** Of the value that begins there, or of the first of several. */
function endOf (bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== COMMA && bytes[at] !== SEMICOLON) at++
  return at
}
