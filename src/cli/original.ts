import { parseArgs } from 'node:util'
import { UsageError } from '../base/errors.ts'

const OPTIONS = {
  uri: { type: 'string', short: 'u' },
  action: { type: 'string', short: 'a' },
  event: { type: 'string', short: 'e' },
  process: { type: 'string', short: 'p' },
  job_id: { type: 'string', short: 'i' },
  verbose: { type: 'boolean', short: 'v' }
} as const

type Given = { event?: string | undefined, process?: string | undefined, job_id?: string | undefined }

/** What each action is here, and what it needs. */
const ACTIONS: ReadonlyMap<
  string,
  { needs: Array<keyof Given>, line: (given: Required<Given>) => Array<string | undefined> }
> = new Map([
  ['submit', { needs: ['event'], line: ({ event }) => ['submit', '--event', event] }],
  ['retrieve', { needs: ['process', 'job_id'], line: ({ process: name, job_id: id }) => ['get', '--', name, id] }],
  ['list', { needs: ['process'], line: ({ process: name }) => ['list', '--', name] }],
  ['delete', { needs: ['process', 'job_id'], line: ({ process: name, job_id: id }) => ['cancel', '--', name, id] }],
  ['events', { needs: [], line: () => ['event_types'] }],
  ['processes', { needs: [], line: () => ['processes'] }]
])

/** Whether a command line is one of Ensembl's event client: it begins with an option, and has an action. */
export const isOriginal = (args: string[]): boolean =>
  args[0]?.startsWith('-') === true && args.some((arg) => /^(-a|--action(=.*)?)/.test(arg))

/** The command line of the original client as one of ours. @throws UsageError */
export function fromOriginal (args: string[]): string[] {
  const given = read(args)
  const action = ACTIONS.get(given.action ?? '')
  if (action === undefined) throw new UsageError(`--action is one of ${[...ACTIONS.keys()].join(', ')}`)
  if (given.uri === undefined) throw new UsageError('--uri is missing: the address of the service')
  const missing = action.needs.find((name) => given[name] === undefined)
  if (missing !== undefined) throw new UsageError(`--action ${given.action} needs --${missing}`)
  const [command = '', ...rest] = action.line(given as Required<Given>) as string[]
  return [command, '--url', given.uri, ...given.verbose === true ? ['--json'] : [], ...rest]
}

function read (args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ', 1)[0])
  }
}
