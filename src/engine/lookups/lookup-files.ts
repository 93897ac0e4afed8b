import { watch, type FSWatcher } from 'node:fs'
import type { Logger } from 'pino'
import { loadLookups, type LookupSources, type Lookups } from './lookups.ts'

/** An editor writes a file in several steps, and people change both files together. */
const SETTLE_MS = 150

/** The lookups in force. A bad file never replaces a good one. */
export interface LookupFiles {
  current: () => Lookups
  /** Why the files on disk are not in force, or undefined where they are. */
  problem: () => string | undefined
  /** Reads the files again; answers whether they are in force now. */
  reload: () => Promise<boolean>
  onChange: (listener: (lookups: Lookups) => void) => void
  close: () => void
}

type Dependencies = LookupSources & { log: Logger, watchFiles?: boolean }

/** Reads the lookups once, and again whenever a file of the folder changes. Throws where the first reading fails. */
export async function openLookupFiles ({ log, watchFiles = true, ...sources }: Dependencies): Promise<LookupFiles> {
  let lookups = await loadLookups(sources)
  let problem: string | undefined
  let timer: NodeJS.Timeout | undefined
  let reading: Promise<boolean> = Promise.resolve(true)
  const listeners: Array<(lookups: Lookups) => void> = []
  warn(lookups)

  function warn ({ hash, warnings, remarks = [] }: Lookups): void {
    for (const remark of remarks) log.info({ hash, remark }, 'lookups')
    for (const warning of warnings) log.warn({ hash, warning }, 'lookups: probably not meant')
  }

  async function read (): Promise<boolean> {
    try {
      const next = await loadLookups(sources)
      problem = undefined
      if (next.hash === lookups.hash) return true
      log.info({ from: lookups.hash, to: next.hash }, 'lookups reloaded')
      lookups = next
      warn(next)
      for (const listener of listeners) listener(next)
      return true
    } catch (error) {
      problem = (error as Error).message
      log.error({ reason: problem, hash: lookups.hash }, 'lookups on disk are not valid; the old ones stay in force')
      return false
    }
  }

  /** One reading at a time; a change during a reading is read after it. */
  function reload (): Promise<boolean> {
    reading = reading.then(read)
    return reading
  }

  function onFileChange (): void {
    clearTimeout(timer)
    timer = setTimeout(() => { void reload() }, SETTLE_MS)
  }

  const watcher = watchFiles ? watchFolder(sources.folder, log, onFileChange) : undefined
  return {
    current: () => lookups,
    problem: () => problem,
    reload,
    onChange: (listener) => { listeners.push(listener) },
    close: () => {
      clearTimeout(timer)
      watcher?.close()
    }
  }
}

/** Whatever the name of the file: Kubernetes changes a folder of settings by replacing the link `..data`. */
function watchFolder (folder: string, log: Logger, onFileChange: () => void): FSWatcher {
  const watcher = watch(folder, onFileChange)
  watcher.on('error', (error) => {
    log.warn({ err: error, folder }, 'cannot watch the lookups; send SIGHUP after a change')
  })
  return watcher
}
