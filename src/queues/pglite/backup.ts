import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { lockFolder } from './folder-lock.ts'
import { dataFolderOf, examineFolder, noteOf, unfit } from './folder-note.ts'

/**
 * Writes the whole database into one file, a tar.gz of its folder, as it is when nobody writes.
 *
 * @throws DATA_FOLDER_IN_USE while a service has it, DATA_FOLDER_UNFIT where there is nothing to keep
 */
export async function backupFolder (folder: string, file: string): Promise<void> {
  if (!existsSync(dataFolderOf(folder))) throw unfit(folder, 'there are no data in it')
  const lock = await lockFolder(folder)
  try {
    const note = examineFolder(folder)
    const db = await PGlite.create(dataFolderOf(folder))
    await db.exec('checkpoint')
    const dump = await db.dumpDataDir('gzip')
    await db.close()
    note.write(false)
    await writeWhole(file, Buffer.from(await dump.arrayBuffer()))
  } finally {
    await lock.release()
  }
}

/**
 * Makes a folder of what a backup holds, all of it or nothing.
 *
 * @throws DATA_FOLDER_IN_USE, DATA_FOLDER_UNFIT where there are data already, or the file is no backup
 */
export async function restoreFolder (folder: string, file: string): Promise<void> {
  const bytes = await readFile(file)
  await mkdir(folder, { recursive: true })
  const lock = await lockFolder(folder)
  const data = dataFolderOf(folder)
  const unfinished = `${data}.new`
  try {
    if (existsSync(data)) throw unfit(folder, 'it has data already, which a backup does not replace: move them away')
    await rm(unfinished, { recursive: true, force: true })
    await load(unfinished, bytes).catch(async (error: unknown) => {
      await rm(unfinished, { recursive: true, force: true })
      throw unfit(folder, `${file} is no backup that can be read`, error)
    })
    await rename(unfinished, data)
    noteOf(folder).write(false)
  } finally {
    await lock.release()
  }
}

async function load (data: string, bytes: Buffer): Promise<void> {
  // PGlite would let go of the error of a file that was cut short.
  const tar = new Blob([new Uint8Array(await promisify(gunzip)(bytes))], { type: 'application/x-tar' })
  const db = await PGlite.create({ dataDir: data, loadDataDir: tar })
  await db.query('select 1')
  await db.close()
}

/** Whoever is killed in the middle of it leaves no file that looks like a backup. */
async function writeWhole (file: string, bytes: Buffer): Promise<void> {
  const draft = `${file}.part`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
}
