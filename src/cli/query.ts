import type { Query, Shipped } from '../sdk/pipeline.ts'
import { UsageError } from '../base/errors.ts'
import type { Arguments, Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { plain } from './screen.ts'

/** `signalbox NAME` for a query of a pipeline. */
export function queryCommand ({ name, params, command: { positionals, options, summary, examples, print } }: Query): Command {
  const fields = params.properties as Record<string, Field>
  return {
    positionals: Object.values(positionals),
    summary,
    options: Object.fromEntries(Object.entries(options).map(([option, { value, help }]) => [option, { type: 'string', value, help }])),
    examples: [...examples],
    run: async ({ args, client, screen }) => {
      const placed = Object.keys(positionals).map((field, place) => [field, args.positionals[place]])
      const chosen = Object.keys(options).map((field) => [field, read(args, field, fields[field])])
      const answer = await client.query(name, Object.fromEntries([...placed, ...chosen]))
      if (screen.json) screen.printJson(answer)
      else screen.print(...print(answer, { bold: screen.colors.bold, dim: screen.colors.dim, plain }))
      return EXIT.ok
    }
  }
}

export const queryCommands = ({ queries }: Pick<Shipped, 'queries'>): Array<[string, Command]> =>
  [...queries].map(([name, query]) => [name, queryCommand(query)])

type Field = { type?: string, anyOf?: Array<{ const?: unknown }>, enum?: unknown[] }

/** What the service would refuse anyway is told with the usage where the form of it is wrong. */
function read ({ text }: Arguments, name: string, { type, anyOf = [], enum: words = anyOf.map((one) => one.const) }: Field = {}): unknown {
  const given = text(name)
  if (given === undefined) return undefined
  if (words.length > 0 && !words.includes(given)) throw new UsageError(`--${name} must be one of ${words.join(', ')}`)
  if (type === 'integer' && !/^\d+$/.test(given)) throw new UsageError(`--${name} must be a number`)
  return given
}
