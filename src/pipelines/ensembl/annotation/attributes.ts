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
  const decoded = text.includes('%') ? unescape8(text) : text
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return /[\u0000-\u001f\u007f]/.test(decoded) ? decoded.replace(/[\u0000-\u001f\u007f]/g, ' ') : decoded
}

function findValue (column: string, tag: string): string | undefined {
  for (let at = column.indexOf(`${tag}=`); at !== -1; at = column.indexOf(`${tag}=`, at + 1)) {
    const before = column.slice(column.lastIndexOf(';', at - 1) + 1, at)
    if (at > 0 && before.trim() !== '') continue
    const end = column.indexOf(';', at)
    return column.slice(at + tag.length + 1, end === -1 ? undefined : end)
  }
  return undefined
}

/** As UTF-8, or as Latin-1 where it is none. */
function unescape8 (text: string): string {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch {
    return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  }
}
