/**
 * A value as the Perl text in which eHive keeps the input of a job: `{"event" => {"type" => "new_assembly"}}`, keys
 * sorted. What the original service writes and reads is written in the same way. Beyond that: a backslash and control
 * characters are escaped, and so is what is not ASCII, because the tables are Latin-1; false is 0; null in a list is
 * undef. As there, a field that is null is left out and true is 1.
 */
export function toPerl (value: unknown): string {
  if (value === null || value === undefined) return 'undef'
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${value.map(toPerl).join(', ')}]`
  const fields = Object.entries(value as object)
    .filter(([, child]) => child !== null && child !== undefined)
    .sort(([a], [b]) => a < b ? -1 : 1)
  return `{${fields.map(([name, child]) => `${quote(name)} => ${toPerl(child)}`).join(', ')}}`
}

const SHORT: ReadonlyMap<string, string> = new Map([['\n', '\\n'], ['\r', '\\r'], ['\t', '\\t']])

function quote (text: string): string {
  const escaped = text.replace(/[\\"$@]/g, '\\$&')
    .replace(/[^\u0020-\u007e]/gu, (char) => SHORT.get(char) ?? `\\x{${(char.codePointAt(0) ?? 0).toString(16)}}`)
  return `"${escaped}"`
}
