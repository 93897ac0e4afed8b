/**
 * The values of a tag in column 9, which is split at `;`, `=` and `,` before it is percent-decoded. Undefined where
 * the tag is not there; several values stay several.
 */
export function readAttribute (column: string, tag: string): string[] | undefined {
  const value = findValue(column, tag)
  if (value === undefined) return undefined
  return value.includes(',') ? value.split(',').map(decode) : [decode(value)]
}

/** The first value of a tag; an empty one counts as none. */
export function readValue (column: string, tag: string): string | undefined {
  const value = readAttribute(column, tag)?.[0]
  return value === '' ? undefined : value
}

/** The first of several tags that has a value. */
export function readFirst (column: string, ...tags: string[]): string | undefined {
  for (const tag of tags) {
    const value = readValue(column, tag)
    if (value !== undefined) return value
  }
  return undefined
}

/** All of a tag's value as one text: a comma that should have been escaped has split it. */
export function readText (column: string, tag: string): string | undefined {
  const value = readAttribute(column, tag)?.join(',')
  return value === '' ? undefined : value
}

/** Records of other databases, each `DATABASE:ACCESSION`. */
export function readXrefs (...columns: string[]): string[] | undefined {
  const found = columns.filter((column) => column.includes('xref')).flatMap((column) => [
    ...readAttribute(column, 'Dbxref') ?? [],
    // NCBI's GTF has them under this name.
    ...readAttribute(column, 'db_xref') ?? []
  ])
  const xrefs = new Set(found.filter((xref) => xref !== ''))
  return xrefs.size === 0 ? undefined : [...xrefs]
}

/** A value as column 9 of GFF3 has it. */
export function escapeValue (text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- they are what is escaped
    /[\u0000-\u001f\u007f%;=&,]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  )
}

/** A percent sign that begins no escape stands for itself; control characters would break a FASTA header. */
export function decode (text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (!/[%\u0000-\u001f\u007f]/.test(text)) return text
  const decoded = text.includes('%') ? unescape8(text) : text
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  return decoded.replace(/[\u0000-\u001f\u007f]/g, ' ')
}

const beginnings = new Map<string, string>()

/** Made once: the tags that are asked for are few. */
function beginningOf (tag: string): string {
  let beginning = beginnings.get(tag)
  if (beginning === undefined) beginnings.set(tag, beginning = `${tag}=`)
  return beginning
}

function findValue (column: string, tag: string): string | undefined {
  const beginning = beginningOf(tag)
  for (let at = column.indexOf(beginning); at !== -1; at = column.indexOf(beginning, at + 1)) {
    if (!beginsTag(column, at)) continue
    const end = column.indexOf(';', at)
    return column.slice(at + beginning.length, end === -1 ? undefined : end)
  }
  return undefined
}

/** Blanks may stand in front of a tag. */
function beginsTag (column: string, at: number): boolean {
  return (
    at === 0 || column[at - 1] === ';' || column.slice(column.lastIndexOf(';', at - 1) + 1, at).trim() === ''
  )
}

/** As UTF-8, or as Latin-1 where it is none. */
function unescape8 (text: string): string {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch {
    return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  }
}
