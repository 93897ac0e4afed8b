import { createRequire } from 'node:module'
import { QueueKeys, RedisQueueBackend } from 'bullmq'
import type { QueuedJob } from '../../base/queued-job.ts'
import { checkQueued, toJobJson } from '../queued.ts'

/**
 * Everything that is private of BullMQ and that the commit of the ledger on Redis is composed of.
 * test/queues/redis/composed.ts asserts each against the package that is installed; where an upgrade breaks one, the
 * outbox of the SQL ledger is the way back.
 *
 * - The texts of its three scripts that add a job, which are run as functions of (KEYS, ARGV) within another script.
 *   They lie in dist/cjs/scripts under their name and the number of their keys.
 * - `RedisQueueBackend.addJobToTransaction` ("kept public, outside of IQueueBackend"), which chooses the script and
 *   packs its arguments: it writes them to a client that only listens, at once, before it waits for anything.
 */
const require = createRequire(import.meta.url)
export const ADD_SCRIPTS: Record<string, number> = { addStandardJob: 9, addDelayedJob: 6, addPrioritizedJob: 9 }

/** `name` is that of the script in the table `add`; `keys` is the same array for the same queue and script. */
export type AddCall = { name: string, keys: string[], args: [Buffer, string, Buffer] }

export interface ComposedEnqueuer {
  /** Lua that fills the table `add`. */
  lua: string
  /** Throws where BullMQ would refuse the job. */
  toCall: (job: QueuedJob) => AddCall
}

type Keys = ReturnType<QueueKeys['getKeys']>
type Heard = { name: string, args: unknown[] }

export function createComposedEnqueuer (prefix: string, now: () => number = Date.now): ComposedEnqueuer {
  const names = new QueueKeys(prefix)
  const keysOf = new Map<string, Keys>()
  const tables = new Map<string, string[]>()
  const listener = new Listener()

  function toCall (job: QueuedJob): AddCall {
    checkQueued(job)
    const keys = keysOf.get(job.queue) ?? names.getKeys(job.queue)
    keysOf.set(job.queue, keys)
    const { name, args } = listener.hear(toJobJson(job, now()), job.id, keys)
    const number = ADD_SCRIPTS[name] ?? 0
    const table = `${name} ${job.queue}`
    const known = tables.get(table) ?? args.slice(0, number) as string[]
    tables.set(table, known)
    return { name, keys: known, args: args.slice(number) as AddCall['args'] }
  }

  return {
    lua: [rememberText(prefix), ...Object.keys(ADD_SCRIPTS).map(functionText)].join('\n'),
    toCall
  }
}

/**
 * The names of all queues that ever got a job: BullMQ remembers none. Once for each queue of a commit. Not `queues`:
 * version 0.1 left a sorted set under that name.
 */
export const queuesKey = (prefix: string): string => `${prefix}:signalbox:queue-names`

const rememberText = (prefix: string): string => `
local remembered = {}
local function remember (key)
  if remembered[key] then return end
  remembered[key] = true
  redis.call('SADD', '${queuesKey(prefix)}', string.match(string.sub(key, ${prefix.length + 2}), '^[^:]+'))
end`

/** BullMQ's backend without a connection: it hears what would be sent. */
class Listener extends RedisQueueBackend {
  #heard: Heard | undefined

  constructor () {
    super({} as never, '', {} as never, () => '', {} as never, undefined, false)
  }

  hear (job: ReturnType<typeof toJobJson>, id: string, keys: Keys): Heard {
    this.#heard = undefined
    this.addJobToTransaction({} as never, job as never, id, {}, keys).catch(() => {})
    if (this.#heard === undefined) throw new Error('BullMQ has not written its arguments at once')
    return this.#heard
  }

  override execCommand (_client: unknown, name: string, args: unknown[]): undefined {
    this.#heard = { name, args }
  }
}

type Scripts = Record<string, { content: string, keys: number }>

function functionText (name: string): string {
  const scripts = require(`bullmq/dist/cjs/scripts/${name}-${ADD_SCRIPTS[name]}.js`) as Scripts
  const text = scripts[name]?.content
  if (text === undefined) throw new Error(`BullMQ has no script ${name}`)
  return `add['${name}'] = function (KEYS, ARGV)\nremember(KEYS[1])\n${text}\nend`
}
