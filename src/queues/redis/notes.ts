import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Mark, Note } from '../contract.ts'
import type { Engine } from '../bullmq/engine.ts'
import { toPlaces } from './places.ts'

/** KEYS: the note. ARGV: the version that was read, the new one, the value or nothing, its life in ms. */
const NOTE_SCRIPT = `
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'value', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1`

type NoteClient = Redis & { signalboxNote: (key: string, ...args: Array<string | number>) => Promise<number> }

/** Notes as hashes, sets of marked events as sorted sets. `keep`: how long a set of marks is kept, milliseconds. */
export function createRedisNotes (client: Redis, key: (name: string) => string, keepMs: number): Pick<Engine<unknown>, 'readNotes' | 'writeNote' | 'mark' | 'unmark' | 'marked'> {
  client.defineCommand('signalboxNote', { numberOfKeys: 1, lua: NOTE_SCRIPT })
  const notes = client as NoteClient

  async function readNotes (names: string[]): Promise<Array<Note<unknown> | undefined>> {
    const found = await Promise.all(names.map((name) => client.hmget(key(`note:${name}`), 'version', 'value')))
    return found.map(([version, value]) => typeof version === 'string' && typeof value === 'string' ? { version, value: JSON.parse(value) as unknown } : undefined)
  }

  async function writeNote (name: string, read: Note<unknown> | undefined, value: object | undefined, ttlMs: number): Promise<boolean> {
    return await notes.signalboxNote(key(`note:${name}`), read?.version ?? '', randomUUID(), value === undefined ? '' : JSON.stringify(value), Math.ceil(ttlMs)) === 1
  }

  async function mark (marks: Mark[]): Promise<void> {
    await Promise.all(marks.flatMap(({ set, id, at }) => [client.zadd(key(`mark:${set}`), 'NX', at, id), client.pexpire(key(`mark:${set}`), keepMs)]))
  }

  async function marked (set: string, limit: number): Promise<Array<{ id: string, at: number }>> {
    return toPlaces(await client.zrange(key(`mark:${set}`), '0', String(limit - 1), 'WITHSCORES'))
  }

  return {
    readNotes,
    writeNote,
    mark,
    unmark: async (set, ids) => { if (ids.length > 0) await client.zrem(key(`mark:${set}`), ...ids) },
    marked
  }
}
