import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SignalboxError, UsageError } from '../base/errors.ts'
import { withoutPassword } from '../queues/address.ts'
import { backendOf } from '../queues/backends.ts'
import type { RestoreSettings } from '../queues/redis/restore.ts'
import { toPostgresTool, toRedisTool, type Tool } from '../queues/tools.ts'
import type { Config } from './config.ts'
import type { Program } from './program.ts'

type Settings = Pick<Config, 'backend' | 'queues'>
type Io = Pick<Program, 'env' | 'stdout'>

/** Writes what the datastore holds into a file that is not there yet. Answers the exit code. */
export async function backup ({ backend }: Settings, given: string, program: Io): Promise<number> {
  const file = resolve(given)
  if (existsSync(file)) throw new UsageError(`${file} is there already`)
  const name = backendOf(backend)?.name
  if (name === 'pglite') await (await import('../queues/pglite/backup.ts')).backupFolder(folderOf(backend), file)
  else await whole(file, (draft) => run(toolOf(name, backend, draft), program))
  program.stdout.write(`${withoutPassword(backend)} is kept in ${file}; its blocks need SIGNALBOX_SECRET_KEY\n`)
  return 0
}

/** Brings back what `backup` has written, into a datastore that has nothing yet. Answers the exit code. */
export async function restore ({ backend, queues }: Settings, given: string, program: Io): Promise<number> {
  const file = resolve(given)
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`)
  const name = backendOf(backend)?.name
  if (name === 'pglite') await (await import('../queues/pglite/backup.ts')).restoreFolder(folderOf(backend), file)
  else if (name === 'postgres') await run(toPostgresTool('pg_restore', backend, [...RESTORE, file]), program)
  else await toRedis({ address: backend, prefix: queues.prefix, file, path: program.env['PATH'] })
  program.stdout.write(`${withoutPassword(backend)} is what ${file} holds\n`)
  return 0
}

const toolOf = (name: string | undefined, backend: string, draft: string): Tool => name === 'postgres'
  ? toPostgresTool('pg_dump', backend, [...DUMP, `--file=${draft}`])
  : toRedisTool(backend, ['--rdb', draft])

/** What a tool has written in part does not look like a backup. */
async function whole (file: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${file}.part`
  try {
    await write(draft)
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}

/** The schemas of BullMQ and of the ledger. */
const DUMP = ['--format=custom', '--schema=bullmq', '--schema=signalbox']
const RESTORE = ['--exit-on-error', '--single-transaction', '--no-owner']

/** By a server of one's own that reads it. */
async function toRedis (settings: RestoreSettings): Promise<void> {
  const { restoreRedis } = await import('../queues/redis/restore.ts')
  await restoreRedis(settings).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw failed('redis-server, which reads the file, is not on this machine (Debian: redis-server)')
  })
}

const folderOf = (backend: string): string => backend.slice('pglite:'.length)

async function run ({ name, args, env, from }: Tool, program: Io): Promise<void> {
  // The address of the datastore goes by the environment: everybody on a machine may read arguments.
  const all = { PATH: program.env['PATH'], ...env }
  const child = spawn(name, args, { env: all, stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? failed(`${name} is not on this machine: install ${from}`) : error)
    })
    child.once('close', resolve)
  })
  if (code !== 0) throw failed(`${name} has failed, and says above why`)
}

const failed = (message: string): Error => new SignalboxError('TOOL_FAILED', 500, message)
