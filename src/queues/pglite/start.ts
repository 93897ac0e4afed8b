import { rename, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker as Thread } from 'node:worker_threads'
import type { PgliteNotice, PgliteReport, PgliteThreadData } from './messages.ts'

const MOST_SAID = 200

/** All or nothing: whoever is killed in the middle of it leaves a folder that the next one throws away. */
export async function create (
  dataFolder: string,
  threadData: Pick<PgliteThreadData, 'schema' | 'maintenanceMs'>,
  onNotice: (notice: PgliteNotice) => void
): Promise<void> {
  const unfinished = `${dataFolder}.new`
  await rm(unfinished, { recursive: true, force: true })
  const thread = startThread({ ...threadData, dataFolder: unfinished, createOnly: true })
  thread.on('message', (report: PgliteReport) => {
    if (report.kind === 'notice') onNotice(report.notice)
  })
  await new Promise<void>((resolve, reject) => {
    thread.once('error', reject)
    thread.once('exit', (code) => code === 0 ? resolve() : reject(new Error('the data folder could not be made')))
  })
  await rename(unfinished, dataFolder)
}

/** Its entry has the same extension as this file: .ts under a loader, .js in dist. */
export function startThread (workerData: PgliteThreadData): Thread {
  const self = fileURLToPath(import.meta.url)
  return new Thread(new URL(`./thread${extname(self)}`, import.meta.url), { workerData, name: 'pglite' })
}

/** Rejects with what PostgreSQL said last, or with the first line of what its machine did. */
export async function isOpen (thread: Thread, onNotice: (notice: PgliteNotice) => void): Promise<void> {
  let said: string | undefined
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => {
      const [first = ''] = error.message.split('\n')
      reject(new Error(said ?? first.slice(0, MOST_SAID), { cause: error }))
    }
    const onReport = (report: PgliteReport): void => {
      if (report.kind === 'notice') {
        if (report.notice.kind === 'log') said = /(?:FATAL|PANIC): +(.*)/.exec(report.notice.text)?.[1] ?? said
        onNotice(report.notice)
      }
      if (report.kind !== 'open') return
      thread.off('message', onReport)
      thread.off('error', fail)
      resolve()
    }
    thread.on('message', onReport)
    thread.once('error', fail)
    thread.once('exit', () => { fail(new Error('it ended while it started')) })
  })
}
