import type { Progress, ProcessOutcome } from '../../sdk/process.ts'
import type { Line } from './lines.ts'
import { outcomeOf } from '../outcome.ts'

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
