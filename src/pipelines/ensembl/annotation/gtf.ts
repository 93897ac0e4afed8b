import { escapeValue } from './attributes.ts'

/** A tag and its value, which is in quotes or a bare word. */
const PAIR = /([A-Za-z_][\w.-]*)\s+(?:"([^"]*)"|([^\s;"]+))\s*(?:;|$)/g

/** Types that are no transcript's part, in small letters. */
const OF_GENES = new Set(['gene'])
const OF_TRANSCRIPTS = new Set(['transcript', 'mrna'])

/** Whether column 9 has the form of GTF, `gene_id "G"; transcript_id "T";`, and not of GFF3, `ID=G;Parent=P`. */
export function isGtf (column: string): boolean {
  return !/^\s*[^\s"=;]+=/.test(column) && /^\s*[A-Za-z_][\w.-]*\s+\S/.test(column)
}

/**
 * Column 9 in GFF3's form. Genes and transcripts are told apart by a prefix, because one name may stand for both. A row
 * without a transcript keeps its tags and gets no parent.
 */
export function fromGtf (column: string, type: string): string {
  const tags = new Map<string, string>()
  for (const [, tag = '', quoted, bare] of column.matchAll(PAIR)) {
    // Of a tag that comes several times, such as `tag`, all values count.
    const value = escapeValue(quoted ?? bare ?? '')
    tags.set(tag, tags.has(tag) ? `${tags.get(tag)},${value}` : value)
  }
  const gene = tags.get('gene_id') ?? ''
  const transcript = tags.get('transcript_id') ?? ''
  const kind = type.toLowerCase()
  const links: string[] = []
  if (OF_GENES.has(kind)) {
    if (gene !== '') links.push(`ID=gene:${gene}`)
  } else if (OF_TRANSCRIPTS.has(kind)) {
    if (transcript !== '') links.push(`ID=transcript:${transcript}`)
    if (gene !== '') links.push(`Parent=gene:${gene}`)
  } else if (transcript !== '') {
    links.push(`Parent=transcript:${transcript}`)
  }
  for (const [tag, value] of tags) if (value !== '' && tag !== 'ID' && tag !== 'Parent') links.push(`${tag}=${value}`)
  return links.join(';')
}
