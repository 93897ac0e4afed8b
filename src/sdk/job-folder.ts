import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'signalbox-job-'

/**
 * Runs `work` with a folder that is removed afterwards, whatever comes; the signal it is given ends with it, so that
 * nothing writes on. The folder is in the system's temporary folder (TMPDIR). What a killed worker left there goes
 * first: the folder of an earlier attempt of this job in this process or on another machine, and of any job whose
 * process on this machine is no more.
 */
export async function withJobFolder<T> (
  jobId: string,
  signal: AbortSignal,
  work: (folder: string, signal: AbortSignal) => Promise<T>
): Promise<T> {
  const job = digest(jobId)
  await sweep(job)
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${job}-${machine()}-${process.pid}-`))
  const end = new AbortController()
  try {
    return await work(folder, AbortSignal.any([signal, end.signal]))
  } catch (error) {
    // The reason of an abort says more than the AbortError of whatever stream it hit.
    signal.throwIfAborted()
    throw error
  } finally {
    end.abort()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function sweep (job: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, owner, where, pid] = /^signalbox-job-([0-9a-f]{16})-([0-9a-f]{16})-(\d+)-/.exec(name) ?? []
    if (owner === undefined) continue
    // A thread that was ended by force leaves its folder in a process that lives; one that another
    // process holds is its own to remove.
    const isLeft = where === machine() && Number(pid) !== process.pid ? !isAlive(Number(pid)) : owner === job
    if (isLeft) await rm(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Where process ids mean the same: containers may share a temporary folder, and each counts its own. */
function machine (): string {
  let namespace = ''
  try {
    namespace = readlinkSync('/proc/self/ns/pid')
  } catch {
    // a system without namespaces
  }
  return digest(`${hostname()} ${namespace}`)
}

function isAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
