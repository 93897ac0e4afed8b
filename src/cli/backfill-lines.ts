import type { BackfillView } from '../schemas/backfills.ts'
import type { CommandContext } from './command.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { createProgressBars, type ShownJob } from './progress-bars.ts'
import { plain } from './screen.ts'
import { statusMark, statusWord } from './status-mark.ts'

/** Failed windows that are shown to people; --json has all of them. */
const MOST_FAILED = 20

/** Waits for a backfill with its progress in sight, then shows it. Answers the exit code. */
export async function followBackfill (id: string, timeoutMs: number, context: CommandContext): Promise<number> {
  const { client, screen } = context
  const bars = createProgressBars(screen)
  try {
    const state = await client.waitForBackfill(id, { timeoutMs, onUpdate: (update) => { bars.show([toShown(update)]) } })
    bars.clear()
    showBackfill(state, context)
    return state.ended === null ? EXIT.running : exitCodeOf(state.status === 'running' ? 'incomplete' : state.status)
  } catch (error) {
    bars.clear()
    throw error
  }
}

/** A backfill as the progress bars know a job. */
function toShown ({ id, status, windows: { total, complete, failed, running }, created, ended }: BackfillView): ShownJob {
  const message = `${complete} of ${total}${failed > 0 ? `, ${failed} failed` : ''}${running > 0 ? `, ${running} running` : ''}`
  return { process: 'backfill', id, status, progress: { complete: complete + failed, total, message }, timestamps: { submitted: created, started: created, ended } }
}

export function showBackfill (state: BackfillView, { screen, url }: CommandContext): void {
  const { colors, json, print, printJson } = screen
  if (json) return printJson(state)
  const { id, type, subject, begin, end, every, status, windows, failed = [] } = state
  print(`${statusMark(status, colors)} ${colors.bold(plain(type))}${subject === null ? '' : `  ${plain(subject)}`}  ${statusWord(status, colors)}  ${begin} to ${end}, every ${every}  ${id}`)
  print(`${windows.total} windows: ${windows.complete} complete, ${windows.failed} failed, ${windows.running} running, ${windows.waiting} waiting`)
  print(...failed.slice(0, MOST_FAILED).map((one) => `${colors.red('✖')} ${one.begin}  ${plain(one.reason)}  ${colors.dim(one.event)}`))
  if (failed.length > MOST_FAILED) print(colors.dim(`  … and ${failed.length - MOST_FAILED} more`))
  const hints = [...(windows.failed > 0 ? [`signalbox backfill retry ${id} --wait`] : []), ...(state.ended === null ? [`signalbox backfill show ${id} --wait`] : []), `${url}/backfills/${id}`]
  print('', ...hints.map((hint) => colors.dim(hint)))
}
