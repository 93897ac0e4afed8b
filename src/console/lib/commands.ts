/** The same submission for a terminal. */

type Wanted = {
  type: string
  id?: unknown
  subject?: unknown
  source?: unknown
  genome?: unknown
  data?: unknown
  [field: string]: unknown
}

/** In single quotes a shell reads nothing into a text. */
const quoted = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

export function toCurl (event: Wanted, isKeyAsked: boolean): string {
  const lines = [`curl -s ${location.origin}/jobs`, "-H 'content-type: application/json'"]
  if (isKeyAsked) lines.push('-H "authorization: Bearer $SIGNALBOX_TOKEN"')
  lines.push(`-d ${quoted(JSON.stringify(event))}`)
  return lines.join(' \\\n  ')
}

export function toCommand (event: Wanted): string {
  const { type, id, subject, data, source, ...rest } = event
  const parts = ['signalbox submit', quoted(type)]
  const option = (name: string, value: unknown): void => {
    if (typeof value === 'string') parts.push(`--${name} ${quoted(value)}`)
  }
  option('subject', subject)
  option('id', id)
  option('source', source)
  for (const [name, value] of Object.entries(rest)) if (name === 'genome') option('genome', value)
  if (data !== undefined) parts.push(`--data ${quoted(JSON.stringify(data))}`)
  return parts.join(' ')
}
