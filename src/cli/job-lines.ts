import type { JobView } from '../schemas/jobs.ts'
import type { NoticeState } from '../schemas/notifications.ts'
import { actLine } from './acts.ts'
import { ago, took } from './ago.ts'
import { plain, type Screen } from './screen.ts'
import { artefactLines, stepLines } from './step-lines.ts'
import { statusMark, statusWord } from './status-mark.ts'

/** Absorbed triggers that are named. */
const SHOWN = 5

/** A job as lines, or as JSON where that is asked for. */
export function showJob (job: JobView, screen: Screen): void {
  const { colors, json, print, printJson } = screen
  if (json) return printJson(job)
  const { timestamps, attempts, progress, input } = job
  const fields: Array<[string, string | null | undefined]> = [
    ['id', job.id],
    ['event', `${job.event}${input === null ? '' : ` (${plain(String(input['type']))})`}`],
    ['subject', typeof input?.['subject'] === 'string' ? plain(input['subject']) : null],
    ['submitted', `${ago(timestamps.submitted)} (${timestamps.submitted ?? '-'})`],
    ['took', took(timestamps)],
    ['attempts', `${attempts.made} of ${attempts.max}`],
    [
      'progress',
      progress === null || job.status !== 'running'
        ? null
        : `${progress.complete}${progress.total === undefined ? '' : ` of ${progress.total}`} ${plain(progress.message ?? '')}`
    ],
    ['waits for', job.waiting_for === null ? null : plain(job.waiting_for)],
    ['done by', job.absorbed_by],
    [
      'answers',
      job.absorbed.length === 0
        ? null
        : `${job.absorbed.length} more: ${job.absorbed
            .slice(0, SHOWN)
            .map(({ type, event }) => `${plain(type)} ${event}`)
            .join(', ')}${job.absorbed.length > SHOWN ? ', …' : ''}`
    ],
    ...(job.acts ?? []).map((act): [string, string] => ['by people', actLine(act)]),
    ['made good', job.made_good_by],
    ['dismissed', job.dismissed === null ? null : plain(`by ${job.dismissed.by} ${job.dismissed.note ?? ''}`)],
    ['reason', job.reason === null ? null : colors.red(plain(job.reason))],
    ...(job.notices ?? []).map((notice): [string, string] => ['told', noticeLine(notice, screen)]),
    ...job.events.map(({ type, id, refused }): [string, string] => [
      'follow-on',
      `${plain(type)} ${id ?? ''}${refused === undefined ? '' : colors.yellow(` refused: ${plain(refused)}`)}`
    ])
  ]
  print(`${statusMark(job.status, colors)} ${colors.bold(job.process)}  ${statusWord(job.status, colors)}`)
  print(
    ...fields.flatMap(([name, value]) =>
      value === null || value === undefined || value === '' ? [] : [`${colors.dim(name.padEnd(10))} ${value}`]
    )
  )
  print(...stepLines(job.steps ?? [], screen))
  if (job.output !== null) print(`${colors.dim('output')}`, JSON.stringify(job.output, null, 2))
  print(...artefactLines(job.artefacts ?? [], screen))
}

/** `database metadata, 2 minutes ago`, or why not. */
function noticeLine (
  { kind, block, status, at, attempts, reason }: NoticeState,
  { colors }: Pick<Screen, 'colors'>
): string {
  const who = `${kind} ${plain(block)}`
  if (status === 'sent') return `${who}, ${ago(at)}`
  const why = reason === null ? '' : `: ${plain(reason)}`
  const tries = `${attempts} ${attempts === 1 ? 'try' : 'tries'}`
  return status === 'failed' ? colors.red(`${who} given up after ${tries}${why}`) : `${who} waits, ${tries}${why}`
}
