import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from '../../base/errors.ts'

/** What stands beside the data: that there were any, which files they are, and whether a process has them open. */
type Note = { v: 1, made: string, files: string, isOpen: boolean }

export interface FolderNote {
  /** To be said when the database is open, and when it has been closed well. */
  write: (isOpen: boolean) => void
}

const NAME = 'signalbox.json'
const TORN = 'it is a copy that was made while a service had it open, so that its files do not fit together'

export const dataFolderOf = (folder: string): string => join(folder, 'data')

/**
 * Looks at a folder before it is opened. PostgreSQL would make a new database where the old one is missing, and would
 * start from files that were copied one after the other while they changed.
 *
 * @throws DATA_FOLDER_UNFIT
 */
export function examineFolder (folder: string): FolderNote {
  const data = dataFolderOf(folder)
  const note = readNote(folder)
  if (!existsSync(data)) {
    if (note !== undefined) throw unfit(folder, `its data, made at ${note.made}, are gone`)
  } else {
    if (!existsSync(join(data, 'PG_VERSION'))) throw unfit(folder, 'it holds no database, or a part of one')
    if (note?.isOpen === true && note.files !== filesOf(data)) {
      throw unfit(folder, `${TORN} (whoever knows better removes ${join(folder, NAME)})`)
    }
  }
  return noteOf(folder, note?.made)
}

/** Of a folder whose data are known to be good. */
export function noteOf (folder: string, made = new Date().toISOString()): FolderNote {
  const data = dataFolderOf(folder)
  // One that somebody has taken away meanwhile needs no note.
  const write = (isOpen: boolean): void => {
    if (existsSync(data)) writeNote(folder, { v: 1, made, files: filesOf(data), isOpen })
  }
  return { write }
}

export const unfit = (folder: string, reason: string, cause?: unknown): Error =>
  errors.dataFolderUnfit(folder, reason, cause)

/** A copy has other files under the same names. */
const filesOf = (data: string): string =>
  [data, join(data, 'PG_VERSION')].map((path) => String(statSync(path, { bigint: true }).ino)).join('-')

/** One that cannot be read says nothing. */
function readNote (folder: string): Note | undefined {
  try {
    const note = JSON.parse(readFileSync(join(folder, NAME), 'utf8')) as Note
    return note.v === 1 ? note : undefined
  } catch {
    return undefined
  }
}

function writeNote (folder: string, note: Note): void {
  const draft = join(folder, `${NAME}.new`)
  writeFileSync(draft, `${JSON.stringify(note)}\n`)
  renameSync(draft, join(folder, NAME))
}
