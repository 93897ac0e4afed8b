import { digest } from '../../base/event.ts'

/** What documents and lists of the ledger are called, and how ids are made of each other. */

export const eventDoc = (key: string): string => `event:${key}`
export const jobDoc = (job: string): string => `job:${job}`
/** A piece of the jobs of an event that has very many. */
export const pieceDoc = (key: string, piece: number): string => `jobs:${key}:${piece}`

/** A key holds no dot: what stands before the first one is the event. */
export const eventOfJob = (job: string): string => job.slice(0, job.indexOf('.'))
export const processOfJob = (job: string): string => job.slice(job.indexOf('.') + 1)

/**
 * What a round of a job is called on its queue; its follow-on events are named after it. No name of
 * a process holds a tilde.
 */
export const roundId = (job: string, round: number): string => round === 0 ? job : `${job}~${round}`

export function readRoundId (id: string): { job: string, round: number } {
  const [, job = id, round = '0'] = /^(.*)~(\d+)$/.exec(id) ?? []
  return { job, round: Number(round) }
}

/** Longer keys are known by their digest. */
const MAX_KEY = 120

/**
 * The gate of a process and a key; an event without a key stands at a gate of its own. A key is
 * written as JSON, so that it
 * is never taken for a `*` or for an event. */
export function gateDoc (processName: string, key: string | undefined, event: string): string {
  if (key === undefined) return `gate:${processName}:@${event}`
  const text = JSON.stringify(key)
  return `gate:${processName}:${text.length > MAX_KEY ? `#${digest([key])}` : text}`
}

/** The gate of all jobs of a process, whatever their keys. */
export const wideGateDoc = (processName: string): string => `gate:${processName}:*`
export const isWide = (gate: string): boolean => gate.endsWith(':*')
export const gatesOf = (processName: string): string => `gate:${processName}:`
export const processOfGate = (gate: string): string => gate.split(':', 2)[1] ?? ''

/** Sets; their scores are the times at which events were accepted, where nothing else is said. */
export const sets = {
  events: 'events',
  /** Events at the top of a tree. */
  roots: 'roots',
  /** Roots of trees in which nothing is open; score: since when. */
  ended: 'ended',
  /** Events by what they came to, a root by its whole tree; `absorbed`: those of which another job does work. */
  eventsIn: (status: 'incomplete' | 'failed' | 'cancelled' | 'absorbed') => `events:${status}`,
  /** Members as `senderIdMember` writes them; score: 0, so that they stand in the order of their letters. */
  ids: 'ids',
  /** All replays, by the event of which they are one; members as `replayMember` writes them. */
  allReplays: 'replays',
  /** The replays of an event. */
  replays: (key: string) => `replays:${key}`,
  type: (type: string) => `type:${type}`,
  subject: (subject: string) => `subject:${subject}`,
  source: (source: string) => `source:${source}`,
  /** The follow-on events under a root. */
  tree: (root: string) => `tree:${root}`,
  /** Processes that lookups have named; score: when somebody's did last. */
  processes: 'processes',
  /** Jobs that have not ended. */
  open: (processName: string) => `open:${processName}`,
  /**
   * Jobs that have ended. One that is retried stands here and among the open ones: whoever reads those and then these
   * meets each job, whatever moves in between.
   */
  endedJobs: (processName: string) => `ended:${processName}`,
  /** Jobs whose last round has failed; score: when. */
  failed: 'failed',
  failedOf: (processName: string) => `failed:${processName}`,
  /** Failed jobs that nobody has to look at any more; score: when they failed. */
  handled: 'handled',
  /** Events that name a job as their parent. */
  children: (job: string) => `children:${job}`,
  /** Members as `absorbedMember` writes them. */
  absorbed: (job: string) => `absorbed:${job}`,
  logs: (job: string) => `logs:${job}`,
  files: (job: string) => `files:${job}`,
  /** Workers that have said that they do not work on a round; score: when. */
  free: (round: string) => `free:${round}`,
  /** Jobs that have come to a gate and not been looked at, or that stand in its line. */
  arrivals: (gate: string) => `arrivals:${gate}`,
  /** Jobs that were retried and find another waiting; score: when. */
  again: (gate: string) => `again:${gate}`,
  /** Rounds that a gate has let through and that have not ended. */
  running: (gate: string) => `running:${gate}`,
  /** Jobs that may still cause a trigger at a gate. */
  upstream: (gate: string) => `upstream:${gate}`,
  /** Of the processes that jobs at a gate wait for, those whose last job has failed; score: when. */
  failedUpstream: (gate: string) => `failed_upstream:${gate}`,
  /** Gates that are ready but for the limit of their process. */
  line: (processName: string) => `line:${processName}`,
  /** Gates with somebody waiting; score: 0, so that those of one process stand together. */
  gates: 'gates',
  /** Gates to be looked at; score: from when on. */
  due: 'due'
} as const

/** The id that a sender gave to an event, and its key, which holds no space. */
export const senderIdMember = (id: string, key: string): string => `${id} ${key}`
export const keyOfSenderId = (member: string): string => member.slice(member.lastIndexOf(' ') + 1)

/** Keys hold no space. */
export const replayMember = (key: string, replay: string): string => `${key} ${replay}`
export const keyOfReplayed = (member: string): string => member.slice(0, member.indexOf(' '))

export const absorbedMember = (job: string, type: string): string => `${job} ${type}`

export function readAbsorbedMember (member: string): { job: string, type: string } {
  const at = member.indexOf(' ')
  return { job: member.slice(0, at), type: member.slice(at + 1) }
}

/**
 * A cause for a look at a gate: unique, so that nobody removes one that came after his look. The cause holds no space.
 */
export const dueMember = (gate: string, cause: string): string => `${gate} ${cause}`
export const gateOfDue = (member: string): string => member.slice(0, member.lastIndexOf(' '))
/** The one look that is due by time; it stands in the document of the gate too, and is changed with it only. */
export const AT = 'at'
