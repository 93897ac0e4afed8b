import { lstat, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errors } from '../../base/errors.ts'
import type { Progress, ProcessOutcome } from '../../sdk/process.ts'
import type { Line } from './lines.ts'
import { outcomeOf } from '../outcome.ts'

/** A private folder for the file that a command may write its output to. */
export const openOutputFile = async (name: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-'))
  const path = join(folder, name)
  return {
    path,
    /** The text of the file; undefined where the command wrote none. */
    read: async (maxBytes: number): Promise<string | undefined> => {
      const found = await lstat(path).catch(() => undefined)
      if (found === undefined) return undefined
      if (!found.isFile()) throw errors.final(`${name} is no regular file`)
      if (found.size > maxBytes) {
        throw errors.final(`${name} has ${found.size} bytes, more than the ${maxBytes} allowed for an output`)
      }
      return await readFile(path, 'utf8')
    },
    remove: async (): Promise<void> => await rm(folder, { recursive: true, force: true })
  }
}

/** Nothing is null, JSON is what it says, any other text is a string. */
export const parseOutput = (text: string | undefined, maxOutputBytes: number): ProcessOutcome => {
  const trimmed = text?.trim() ?? ''
  if (trimmed === '') return { output: null }
  let value: unknown = trimmed
  try {
    value = JSON.parse(trimmed)
  } catch {
    // plain text
  }
  return outcomeOf(value, { maxOutputBytes })
}

const progressMark = 'SIGNALBOX_PROGRESS '

/** The report in a line `SIGNALBOX_PROGRESS {"complete":3,"total":10}`; undefined for any other line. */
export const parseProgress = ({ text, cut }: Line): Progress | undefined => {
  if (cut || !text.startsWith(progressMark)) return undefined
  try {
    const { complete, total, message } = JSON.parse(text.slice(progressMark.length)) as Record<string, unknown>
    if (typeof complete !== 'number') return undefined
    return {
      complete,
      total: typeof total === 'number' ? total : undefined,
      message: typeof message === 'string' ? message.slice(0, 500) : undefined
    }
  } catch {
    return undefined
  }
}
