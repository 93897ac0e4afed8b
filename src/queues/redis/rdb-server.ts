import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Redis } from 'ioredis'

/** A Redis of one's own that has read a file. */
export type RdbServer = { client: Redis, close: () => Promise<void> }

/** One of so many databases may be the one that is asked for. */
const DATABASES = 1024
const AGAIN_MS = 100
const MOST_OUTPUT = 10_000

/**
 * Reads a file of Redis as Redis itself does: by a server on this machine that nobody else can reach and that writes
 * nothing.
 *
 * @throws ENOENT where there is none on this machine, and what it says where it cannot read the file
 */
export async function openRdb (file: string, db: number, path: string | undefined): Promise<RdbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-restore-'))
  const socket = join(folder, 'socket')
  const env = { PATH: path }
  const child = spawn('redis-server', argumentsOf(file, socket), { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = endOf(child)
  const client = new Redis({ path: socket, db, retryStrategy: () => AGAIN_MS, maxRetriesPerRequest: null })
  client.on('error', () => {})
  const close = async (): Promise<void> => {
    client.disconnect()
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  // It is ready when it has read the file; until it listens, every try to reach it fails.
  const ready = new Promise<undefined>((resolve) => { client.once('ready', () => { resolve(undefined) }) })
  const failure = await Promise.race([ready, ended])
  if (failure === undefined) return { client, close }
  await close()
  throw failure
}

function argumentsOf (file: string, socket: string): string[] {
  const options = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: dirname(file),
    dbfilename: basename(file),
    save: '',
    appendonly: 'no',
    databases: String(DATABASES)
  }
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
}

/** Why it ended, by the lines in which Redis marks what is wrong. */
async function endOf (child: ChildProcess): Promise<Error> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => { output = (output + String(chunk)).slice(-MOST_OUTPUT) })
  }
  return await new Promise((resolve) => {
    child.once('error', resolve)
    child.once('close', (code) => {
      const wrong = [...output.matchAll(/^\d+:\w .*? # (.*)$/gm)].map(([, words]) => words)
      resolve(new Error(wrong.join('; ') || `redis-server ended with ${code}`))
    })
  })
}
