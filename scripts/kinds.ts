import { shipped } from '../src/roles/shipped.ts'

type Shape = { properties?: Record<string, Field>, required?: string[] }
type Field = { type?: string, description?: string, writeOnly?: boolean, default?: unknown, anyOf?: Array<{ const?: unknown }> }

const BEGIN = '<!-- kinds: made by npm run docs -->'
const END = '<!-- end of kinds -->'

/** docs/blocks.md with the tables of the kinds as they are. */
export function renderKinds (page: string): string {
  const [before = '', rest = ''] = page.split(BEGIN)
  const [, after = ''] = rest.split(END)
  return `${before}${BEGIN}\n\n${[...shipped.kinds.values()].map(render).join('\n')}\n${END}${after}`
}

function render ({ kind, description, schema, env }: { kind: string, description: string, schema: unknown, env: Readonly<Record<string, string>> }): string {
  const { properties = {}, required = [] } = schema as Shape
  const rows = Object.entries(properties).map(([name, field]) => `| \`${name}\` | ${typeOf(field)} | ${needOf(field, required.includes(name))} | ${field.writeOnly === true ? 'secret' : ''} | \`…_${env[name] ?? ''}\` | ${field.description ?? ''} |`)
  return `### ${kind}\n\n${description}.\n\n| field | type | | | variable | |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`
}

const typeOf = ({ type, anyOf }: Field): string => type ?? (anyOf ?? []).map((one) => `\`${String(one.const)}\``).join(', ')
const needOf = (field: Field, required: boolean): string => field.default === undefined ? (required ? 'needed' : 'optional') : `default ${field.default === '' ? 'empty' : `\`${String(field.default)}\``}`
