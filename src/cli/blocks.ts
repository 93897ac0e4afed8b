import { readFile } from 'node:fs/promises'
import type { BlockKind, Kinds } from '../sdk/blocks/kind.ts'
import type { BlockView } from '../schemas/blocks.ts'
import { UsageError } from '../base/errors.ts'
import type { Command, CommandContext } from './command.ts'
import { BLOCKS } from './columns.ts'
import { EXIT } from './exit-code.ts'
import { showPages } from './pages.ts'
import { plain } from './screen.ts'

export const blocks: Command = {
  details: [
    'apply FILE stores what the file says, { "KIND": { "NAME": { … } } }; { "env": "VARIABLE" } stands for a variable.',
    'All that is missing or wrong is listed at once, and then nothing is stored. It is harmless when repeated.',
    'rekey encrypts with SIGNALBOX_SECRET_KEY of the service what SIGNALBOX_SECRET_KEY_OLD has encrypted.'
  ],
  options: {
    'from-env': {
      type: 'string',
      multiple: true,
      value: 'KIND/NAME',
      help: 'with apply: a block whose fields stand in the variables of its kind'
    },
    force: { type: 'boolean', help: 'with remove: also where something refers to it' }
  },
  examples: [
    'signalbox blocks apply blocks.json',
    'signalbox blocks apply --from-env slack_webhook/slack_status',
    'signalbox blocks get slack_webhook/slack_status'
  ],
  run: async (context) => {
    const { args, client, screen } = context
    const [action = 'list', given] = args.positionals
    if (args.has('force') && action !== 'remove') throw new UsageError('--force belongs to remove')
    if (args.has('from-env') && action !== 'apply') throw new UsageError('--from-env belongs to apply')
    if (action === 'apply') return await apply(given, context)
    if (action === 'rekey') return await rekey(context)
    if (action === 'list') {
      await showPages(() => client.blocks(), { all: false, columns: BLOCKS, none: 'no blocks' }, screen)
      return EXIT.ok
    }
    if (action !== 'get' && action !== 'remove') {
      throw new UsageError(`${JSON.stringify(action)} is none of apply, get, remove, rekey`)
    }
    const [, kind, name] = /^([^/]+)\/([^/]+)$/.exec(given ?? '') ?? []
    if (kind === undefined || name === undefined) throw new UsageError('KIND/NAME is missing: which block')
    const block =
      action === 'get'
        ? await client.getBlock(kind, name)
        : await client.removeBlock(kind, name, { force: args.has('force') })
    if (screen.json) screen.printJson(block)
    else screen.print(action === 'remove' ? `removed ${kind}/${name}` : JSON.stringify(block.value, null, 2))
    return EXIT.ok
  }
}

async function rekey ({ client, screen }: CommandContext): Promise<number> {
  const answer = await client.rekeyBlocks()
  if (screen.json) screen.printJson(answer)
  else screen.print(`${answer.rekeyed} encrypted anew`)
  return EXIT.ok
}

async function apply (file: string | undefined, context: CommandContext): Promise<number> {
  const { args, client, screen, env } = context
  const fromEnvironment = args.texts('from-env')
  if (file === undefined && fromEnvironment.length === 0) {
    throw new UsageError('FILE or --from-env is missing: which blocks')
  }
  const { readBlocks } = await import('./read-blocks.ts')
  const content = file === undefined ? {} : await readJson(file)
  const kinds = await kindsFor(content, fromEnvironment, context)
  const { blocks: wanted, problems } = readBlocks(content, fromEnvironment, env, kinds)
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${plain(problem)}\n`)
    screen.stderr.write(`signalbox: nothing is stored, because\n${lines.join('')}`)
    return EXIT.refused
  }
  const items: BlockView[] = []
  for (const { kind, name, value } of wanted) {
    const block = await client.putBlock(kind, name, value)
    items.push(block)
    if (!screen.json) screen.print(`${(block.change ?? '').padEnd(9)}  ${kind}/${name}`)
  }
  if (screen.json) screen.printJson({ items, next: null })
  return EXIT.ok
}

/** Those that are shipped; where another one is asked for, those that the service has of its operator too. */
async function kindsFor (
  content: unknown,
  fromEnvironment: string[],
  { client, loadKinds }: CommandContext
): Promise<Kinds> {
  const shipped = await loadKinds()
  const named = typeof content === 'object' && content !== null ? Object.keys(content) : []
  const asked = [...named, ...fromEnvironment.map((address) => address.split('/')[0] ?? '')]
  if (asked.every((kind) => shipped.has(kind))) return shipped
  const { items } = await client.blockKinds()
  return new Map([...shipped, ...items.map((kind) => [kind.kind, kind as BlockKind] as const)])
}

async function readJson (file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown
  } catch (error) {
    // What JSON.parse says holds a piece of the file, which may be a secret.
    throw new UsageError(error instanceof SyntaxError ? `${file} is not JSON` : (error as Error).message)
  }
}
