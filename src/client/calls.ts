import type { Answer, Call, Exchange, OpenOptions } from './exchange.ts'
import type { TransportAnswer } from './transport.ts'

type Contract = Pick<Call, 'method' | 'repeatable'> & {
  /** As the OpenAPI document has it. */
  path: string
}

/** The routes that the client calls, under the names of their operations in the OpenAPI document. */
export const CALLS = {
  submitEvent: { method: 'POST', path: '/jobs', repeatable: true },
  getJob: { method: 'GET', path: '/jobs/{process}/{id}', repeatable: true },
  getJobLog: { method: 'GET', path: '/jobs/{process}/{id}/log', repeatable: true },
  listJobEvents: { method: 'GET', path: '/jobs/{process}/{id}/events', repeatable: true },
  listJobFiles: { method: 'GET', path: '/jobs/{process}/{id}/files', repeatable: true },
  listJobs: { method: 'GET', path: '/jobs/{process}', repeatable: true },
  // The second time it would remove what the first has cancelled.
  cancelJob: { method: 'DELETE', path: '/jobs/{process}/{id}', repeatable: false },
  retryJob: { method: 'POST', path: '/jobs/{process}/{id}/retry', repeatable: false },
  listFailedJobs: { method: 'GET', path: '/jobs', repeatable: true },
  groupFailedJobs: { method: 'GET', path: '/jobs/failures', repeatable: true },
  dismissJobs: { method: 'POST', path: '/jobs/dismiss', repeatable: true },
  dismissJob: { method: 'POST', path: '/jobs/{process}/{id}/dismiss', repeatable: true },
  restoreJob: { method: 'DELETE', path: '/jobs/{process}/{id}/dismiss', repeatable: true },
  retryEvent: { method: 'POST', path: '/events/{id}/retry', repeatable: false },
  cancelEvent: { method: 'POST', path: '/events/{id}/cancel', repeatable: true },
  retryJobs: { method: 'POST', path: '/jobs/retry', repeatable: false },
  listEvents: { method: 'GET', path: '/events', repeatable: true },
  getEvent: { method: 'GET', path: '/events/{id}', repeatable: true },
  streamEvent: { method: 'GET', path: '/events/{id}/stream', repeatable: true },
  replayEvent: { method: 'POST', path: '/events/{id}/replay', repeatable: false },
  replayEvents: { method: 'POST', path: '/events/replay', repeatable: true },
  listEventTypes: { method: 'GET', path: '/event_types', repeatable: true },
  listProcesses: { method: 'GET', path: '/processes', repeatable: true },
  pauseProcess: { method: 'POST', path: '/processes/{name}/pause', repeatable: true },
  resumeProcess: { method: 'POST', path: '/processes/{name}/resume', repeatable: true },
  listQueues: { method: 'GET', path: '/queues', repeatable: true },
  pauseQueue: { method: 'POST', path: '/queues/{name}/pause', repeatable: true },
  resumeQueue: { method: 'POST', path: '/queues/{name}/resume', repeatable: true },
  listSchedules: { method: 'GET', path: '/schedules', repeatable: true },
  pauseSchedule: { method: 'POST', path: '/schedules/{name}/pause', repeatable: true },
  resumeSchedule: { method: 'POST', path: '/schedules/{name}/resume', repeatable: true },
  runSchedule: { method: 'POST', path: '/schedules/{name}/run', repeatable: false },
  startBackfill: { method: 'POST', path: '/backfills', repeatable: true },
  getBackfill: { method: 'GET', path: '/backfills/{id}', repeatable: true },
  listBackfills: { method: 'GET', path: '/backfills', repeatable: true },
  cancelBackfill: { method: 'DELETE', path: '/backfills/{id}', repeatable: true },
  retryBackfill: { method: 'POST', path: '/backfills/{id}/retry', repeatable: false },
  listBackfillWindows: { method: 'GET', path: '/backfills/{id}/windows', repeatable: true },
  pauseBackfill: { method: 'POST', path: '/backfills/{id}/pause', repeatable: true },
  resumeBackfill: { method: 'POST', path: '/backfills/{id}/resume', repeatable: true },
  setBackfillConcurrency: { method: 'PUT', path: '/backfills/{id}/concurrency', repeatable: true },
  listBlockKinds: { method: 'GET', path: '/block_kinds', repeatable: true },
  listBlocks: { method: 'GET', path: '/blocks', repeatable: true },
  getBlock: { method: 'GET', path: '/blocks/{kind}/{name}', repeatable: true },
  putBlock: { method: 'PUT', path: '/blocks/{kind}/{name}', repeatable: true },
  removeBlock: { method: 'DELETE', path: '/blocks/{kind}/{name}', repeatable: false },
  rekeyBlocks: { method: 'POST', path: '/blocks/rekey', repeatable: true },
  openSession: { method: 'POST', path: '/session', repeatable: true },
  closeSession: { method: 'DELETE', path: '/session', repeatable: true },
  getSubject: { method: 'GET', path: '/subjects/{subject}', repeatable: true },
  stats: { method: 'GET', path: '/stats', repeatable: true },
  listWorkers: { method: 'GET', path: '/workers', repeatable: true },
  streamEvents: { method: 'GET', path: '/stream', repeatable: true },
  me: { method: 'GET', path: '/me', repeatable: true },
  ready: { method: 'GET', path: '/ready', repeatable: true }
} as const satisfies Record<string, Contract>

export type CallName = keyof typeof CALLS

/** What a call is made with. `in` fills the path, in its order. */
export type Given = Pick<Call, 'query' | 'body' | 'waitMs' | 'accept' | 'signal'> & {
  in?: string[]
  repeatable?: boolean
}

/** Calls by name, for the features of the client. */
export interface Calls {
  /** The body of the answer. */
  ask: <T>(name: CallName, given?: Given) => Promise<T>
  send: (name: CallName, given?: Given) => Promise<Answer>
  open: (name: CallName, given: Given, options: OpenOptions) => Promise<TransportAnswer>
  /** A route that a pipeline brings. */
  query: <T>(name: string, params: Call['query']) => Promise<T>
}

export function createCalls ({ send, open }: Pick<Exchange, 'send' | 'open'>): Calls {
  return {
    ask: async <T>(name: CallName, given?: Given) => (await send(toCall(name, given))).body as T,
    send: (name, given) => send(toCall(name, given)),
    open: (name, given, options) => open(toCall(name, given), options),
    query: async <T>(name: string, query: Call['query']) =>
      (await send({ method: 'GET', path: [name], query, repeatable: true })).body as T
  }
}

function toCall (name: CallName, { in: values = [], ...given }: Given = {}): Call {
  const { method, path, repeatable } = CALLS[name]
  const rest = [...values]
  const parts = path.split('/').slice(1).map((part) => part.startsWith('{') ? rest.shift() ?? '' : part)
  return { repeatable, ...given, method, path: parts }
}
