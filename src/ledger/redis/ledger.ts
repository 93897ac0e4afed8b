import type { Cluster, Redis } from 'ioredis'
import { PAGE, type Document, type Entered, type Ledger, type Page, type Result } from '../contract.ts'
import { createGroup } from '../group.ts'
import { createGroupRead } from '../group-read.ts'
import { FORGET_SCRIPT, KEYS, LIST_SCRIPT, READ_SCRIPT, TOMB_MS, commitScript } from './scripts.ts'
import { hasJobs, pack, prepare, type ComposedEnqueuer, type Prepared } from './units.ts'

type Settings = {
  client: Client
  /** In braces, so that Redis Cluster keeps all keys on one node. */
  prefix: string
  enqueuer: ComposedEnqueuer
}

type Client = Redis | Cluster

type Scripts = {
  commit: (key: string, units: Buffer) => Promise<Array<string | number[]>>
  commitAndAdd: (key: string, units: Buffer) => Promise<Array<string | number[]>>
  /**
   * Of each document its fields and their texts, in turn. One array, which ioredis makes flat: as arguments of a call
   * many would not fit on the stack.
   */
  read: (args: string[]) => Promise<string[][]>
  page: (key: string, ...args: Array<string | number>) => Promise<string[]>
  forget: (key: string, prefix: string, before: number) => Promise<number>
  time: (key: string) => Promise<[seconds: string, micros: string]>
}

/**
 * The ledger on Redis, Valkey, Dragonfly: one script for a group of units, which puts their jobs on the queues too,
 * so that a job is there with its record or not at all.
 */
export function createRedisLedger ({ client, prefix, enqueuer }: Settings): Ledger {
  const base = `${prefix}:`
  const scripts = define(client, enqueuer)
  const group = createGroup<Prepared>({
    send: (units) => send(scripts, base, units),
    // The script fails with its first write or not at all: then it was for all.
    isRefusal: () => false
  })
  return {
    commit: async (unit) => await group.commit(prepare(unit, enqueuer)),
    get: createGroupRead((names) => read(scripts, base, names)),
    list: (set, page) => list(scripts, `${base}${KEYS.set}${set}`, page),
    count: (sets) => Promise.all(sets.map((set) => client.zcard(`${base}${KEYS.set}${set}`))),
    now: () => now(scripts, base),
    sweep: async () => {
      await scripts.forget(writtenKey(base), base, await now(scripts, base) - TOMB_MS)
      return 0
    },
    migrate: async () => {},
    close: group.settled
  }
}

/**
 * The long script only where there is something to add. Known to the client under these names; sent once to each
 * server.
 */
function define (client: Client, enqueuer: ComposedEnqueuer): Scripts {
  const known = client as unknown as Record<string, (...args: unknown[]) => unknown>
  const command = (name: string, lua: string, numberOfKeys: number): unknown => {
    client.defineCommand(name, { numberOfKeys, lua })
    return known[name]?.bind(client)
  }
  return {
    commit: command('ledgerCommit', commitScript(''), 1),
    commitAndAdd: command('ledgerCommitAndAdd', commitScript(enqueuer.lua), 1),
    read: command('ledgerRead', READ_SCRIPT, 1),
    page: command('ledgerPage', LIST_SCRIPT, 1),
    forget: command('ledgerForget', FORGET_SCRIPT, 1),
    time: command('ledgerTime', "return redis.call('TIME')", 1)
  } as Scripts
}

async function send (scripts: Scripts, base: string, units: Prepared[]): Promise<Result[]> {
  const apply = units.some(hasJobs) ? scripts.commitAndAdd : scripts.commit
  const answers = await apply(writtenKey(base), pack(base, units))
  return answers.map((answer): Result => typeof answer === 'string'
    ? { ok: false, conflict: answer }
    : { ok: true, counts: answer })
}

/** One command for all of them: each costs the client more than it costs Redis. */
async function read (scripts: Scripts, base: string, names: string[]): Promise<Map<string, Document>> {
  const found = new Map<string, Document>()
  const all = await scripts.read([writtenKey(base), `${base}${KEYS.document}`, ...names])
  for (const [i, fields] of all.entries()) if (fields.length > 0) found.set(names[i] ?? '', toDocument(fields))
  return found
}

function toDocument (fields: string[]): Document {
  const document: Document = { rev: 0, value: undefined, counts: {} }
  for (let i = 0; i < fields.length; i += 2) {
    const [field = '', text = ''] = [fields[i], fields[i + 1]]
    if (field === '=') document.value = JSON.parse(text)
    else if (field === '#') document.rev = Number(text)
    else document.counts[field] = Number(text)
  }
  return document
}

async function list (scripts: Scripts, key: string, page: Page = {}): Promise<Entered[]> {
  const { after, limit = PAGE, reverse = false, min, max } = page
  const found = await scripts.page(key, min ?? '-inf', max ?? '+inf', reverse ? '1' : '0', limit, ...after ?? [])
  return found.flatMap((member, i) => i % 2 === 0 ? [[Number(found[i + 1]), member] as Entered] : [])
}

/** By its key a cluster knows which of its nodes is asked. */
const writtenKey = (base: string): string => `${base}${KEYS.written}`

async function now (scripts: Scripts, base: string): Promise<number> {
  const [seconds, micros] = await scripts.time(writtenKey(base))
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}
