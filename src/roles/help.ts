/** Options of the serving commands: each is short for a variable. */
export const OPTIONS: ReadonlyMap<string, { variable: string, value: string, help: string }> = new Map([
  ['--backend', { variable: 'SIGNALBOX_BACKEND', value: 'URL', help: 'pglite:FOLDER, postgres://… or redis://…' }],
  ['--port', { variable: 'PORT', value: 'NUMBER', help: 'to listen on; 0 takes a free one' }],
  ['--host', { variable: 'HOST', value: 'ADDRESS', help: 'to listen on' }],
  ['--lookups', {
    variable: 'SIGNALBOX_LOOKUPS',
    value: 'FOLDER',
    help: 'of event_lookup.json, process_lookup.json, schedule_lookup.json'
  }],
  ['--processes', {
    variable: 'SIGNALBOX_PROCESSES',
    value: 'NAMES',
    help: 'those that this worker serves, comma-separated'
  }]
])

/** A command as its help tells of it. */
export type Listed = { usage: string, summary: string, options: string[], details?: string[] }

/** What `signalbox NAME --help` prints. */
export function helpOf (name: string, { usage, summary, options, details = [] }: Listed): string {
  const rows = options.map((option) => {
    const { variable = '', value = '', help = '' } = OPTIONS.get(option) ?? {}
    return [`${option} ${value}`, `${help} (${variable})`] as const
  })
  const width = Math.max(0, ...rows.map(([left]) => left.length))
  return [
    `Usage: signalbox ${name} ${usage}`,
    '',
    `${summary}.`,
    ...details,
    ...(rows.length === 0
      ? []
      : ['', 'Options:', ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)]),
    ...(rows.length === 0
      ? []
      : ['', 'Everything else is set by the environment or by the file of SIGNALBOX_CONFIG: docs/settings.md']),
    ''
  ].join('\n')
}
