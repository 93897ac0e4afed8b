import type { Query } from '../sdk/pipeline.ts'
import { UsageError } from '../base/errors.ts'
import type { Arguments, Command, CommandOption, ListedCommand } from './command.ts'
import { EXIT } from './exit-code.ts'
import { plain } from './screen.ts'

/** `signalbox NAME` for a query of a pipeline, as the help lists it. */
export function listedQuery (query: Query): ListedCommand {
  const { positionals, summary } = query.command
  return { positionals: Object.values(positionals), summary, load: async () => queryCommand(query) }
}

function queryCommand ({ name, params, command: { positionals, options, examples, print } }: Query): Command {
  const fields = params.properties as Record<string, Field>
  const toOption = ({ value, help }: { value: string, help: string }): CommandOption => ({
    type: 'string',
    value,
    help
  })
  return {
    options: Object.fromEntries(Object.entries(options).map(([option, about]) => [option, toOption(about)])),
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

type Field = { type?: string, anyOf?: Array<{ const?: unknown }>, enum?: unknown[] }

/** What the service would refuse anyway is told with the usage where the form of it is wrong. */
function read ({ text }: Arguments, name: string, { type, anyOf = [], enum: listed }: Field = {}): unknown {
  const words = listed ?? anyOf.map((one) => one.const)
  const given = text(name)
  if (given === undefined) return undefined
  if (words.length > 0 && !words.includes(given)) throw new UsageError(`--${name} must be one of ${words.join(', ')}`)
  if (type === 'integer' && !/^\d+$/.test(given)) throw new UsageError(`--${name} must be a number`)
  return given
}
