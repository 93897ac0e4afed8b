import type { BackfillPlan, BackfillView } from '../schemas/backfills.ts'
import { actLine } from './acts.ts'
import type { CommandContext } from './command.ts'
import { WINDOWS } from './columns.ts'
import { showPages } from './pages.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { withProgress } from './follow.ts'
import type { ShownJob } from './progress-bars.ts'
import { plain } from './screen.ts'
import { statusMark, statusWord } from './status-mark.ts'

/** Failed windows that are shown to people; --json has all of them. */
const MOST_FAILED = 20

/** Waits for a backfill with its progress in sight, then shows it. Answers the exit code. */
export async function followBackfill (id: string, timeoutMs: number, context: CommandContext): Promise<number> {
  const { client, screen } = context
  const waitFor = (onUpdate: (update: BackfillView) => void): Promise<BackfillView> =>
    client.waitForBackfill(id, { timeoutMs, onUpdate })
  const state = await withProgress(screen, waitFor, (update) => [toShown(update)])
  showBackfill(state, context)
  return state.ended === null || state.status === 'running' ? EXIT.running : exitCodeOf(state.status)
}

/** A backfill as the progress bars know a job. */
function toShown ({
  id,
  status,
  windows: { total, complete, failed, running },
  created,
  ended
}: BackfillView): ShownJob {
  const more = [...(failed > 0 ? [`${failed} failed`] : []), ...(running > 0 ? [`${running} running`] : [])]
  const message = [`${complete} of ${total}`, ...more].join(', ')
  const timestamps = { submitted: created, gated: null, queued: created, started: created, ended }
  return { process: 'backfill', id, status, progress: { complete: complete + failed, total, message }, timestamps }
}

export function showPlan (plan: BackfillPlan, { screen }: CommandContext): number {
  if (screen.json) screen.printJson(plan)
  else {
    const { windows, type, first, last, concurrency, processes, known } = plan
    screen.print(
      `${windows} events ${plain(type)}, ${concurrency} at once: ${first.begin} to ${first.end}, … ${last.begin} to ${last.end}`,
      `each starts ${processes.join(', ') || 'nothing'}`,
      ...known ? ['a backfill with this id is there already: it would start nothing'] : []
    )
  }
  return EXIT.ok
}

export async function showWindows (id: string, { client, screen }: CommandContext): Promise<number> {
  const read = (cursor: string | undefined) => client.listBackfillWindows(id, { limit: 1000, cursor })
  await showPages(read, { all: true, columns: WINDOWS, none: 'no windows' }, screen)
  return EXIT.ok
}

export function showBackfill (state: BackfillView, { screen, url }: CommandContext): void {
  const { colors, json, print, printJson } = screen
  if (json) return printJson(state)
  const { id, type, subject, begin, end, every, status, windows, failed = [], ended, acts = [] } = state
  const about = [
    `${statusMark(status, colors)} ${colors.bold(plain(type))}`,
    ...subject === null ? [] : [plain(subject)],
    statusWord(status, colors),
    `${begin} to ${end}, every ${every}`,
    id
  ]
  print(about.join('  '))
  if (acts.length > 0) print(acts.map(actLine).join('; '))
  const { total, complete, running, waiting } = windows
  print(`${total} windows: ${complete} complete, ${windows.failed} failed, ${running} running, ${waiting} waiting`)
  const lineOf = (one: typeof failed[number]): string =>
    `${colors.red('✖')} ${one.begin}  ${plain(one.reason)}  ${colors.dim(one.event)}`
  print(...failed.slice(0, MOST_FAILED).map(lineOf))
  if (failed.length > MOST_FAILED) print(colors.dim(`  … and ${failed.length - MOST_FAILED} more`))
  const hints = [`${url}/backfills/${id}`]
  if (ended === null) hints.unshift(`signalbox backfill show ${id} --wait`)
  if (windows.failed > 0) hints.unshift(`signalbox backfill retry ${id} --wait`)
  print('', ...hints.map((hint) => colors.dim(hint)))
}
