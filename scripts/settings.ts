import { readFileSync } from 'node:fs'
import { leaves } from '../src/roles/config.ts'

/** docs/settings.md: every setting of the schema, with its default. */
export function renderSettings (): string {
  const defaults = JSON.parse(readFileSync('config/default.json', 'utf8')) as unknown
  const rows = leaves().map(({ path, env, description }) => {
    const value = path.reduce<unknown>((tree, name) => (tree as Record<string, unknown>)[name], defaults)
    return `| \`${env}\` | \`${path.join('.')}\` | ${value === '' ? '' : `\`${String(value)}\``} | ${description} |`
  })
  return `# Settings

Made by \`npm run docs\` from the schema in \`src/roles/config.ts\`; do not edit.

A setting is read from \`config/default.json\` (or the file that \`SIGNALBOX_CONFIG\` names), and its environment variable
stands over it. All are checked at the start: a wrong one stops it, with its name, its value and what was expected.

| variable | in the file | default | meaning |
|---|---|---|---|
${rows.join('\n')}
`
}
