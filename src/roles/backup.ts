import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { SignalboxError, UsageError } from '../base/errors.ts'
import { withoutPassword } from '../queues/address.ts'
import { backendOf } from '../queues/backends.ts'
import { toPostgresTool, toRedisTool, type Tool } from '../queues/tools.ts'
import type { Program } from './program.ts'

type Io = Pick<Program, 'env' | 'stdout'>

/** Writes what the datastore holds into a file that is not there yet. Answers the exit code. */
export async function backup (backend: string, given: string, program: Io): Promise<number> {
  const file = resolve(given)
  if (existsSync(file)) throw new UsageError(`${file} is there already`)
  const name = backendOf(backend)?.name
  if (name === 'pglite') await (await import('../queues/pglite/backup.ts')).backupFolder(folderOf(backend), file)
  else if (name === 'postgres') await run(toPostgresTool('pg_dump', backend, [...DUMP, `--file=${file}`]), program)
  else await run(toRedisTool(backend, ['--rdb', file]), program)
  program.stdout.write(`${withoutPassword(backend)} is kept in ${file}; its blocks need SIGNALBOX_SECRET_KEY\n`)
  return 0
}

/** Brings back what `backup` has written, into a datastore that has nothing yet. Answers the exit code. */
export async function restore (backend: string, given: string, program: Io): Promise<number> {
  const file = resolve(given)
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`)
  const name = backendOf(backend)?.name
  if (name === 'pglite') await (await import('../queues/pglite/backup.ts')).restoreFolder(folderOf(backend), file)
  else if (name === 'postgres') await run(toPostgresTool('pg_restore', backend, [...RESTORE, file]), program)
  else throw new UsageError(byHand(file))
  program.stdout.write(`${withoutPassword(backend)} is what ${file} holds\n`)
  return 0
}

/** The schemas of BullMQ and of the ledger. */
const DUMP = ['--format=custom', '--schema=bullmq', '--schema=signalbox']
const RESTORE = ['--exit-on-error', '--single-transaction', '--no-owner']

const byHand = (file: string): string =>
  `Redis reads its backup when it starts: stop it, put ${file} in the place of dump.rdb in its folder, and start it (where it is set to appendonly, with --appendonly no once)`

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
