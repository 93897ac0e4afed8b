import type { EventTree, TreeJob } from '../schemas/events.ts'
import { actLine } from './acts.ts'
import { took } from './ago.ts'
import { plain, shorten, type Screen } from './screen.ts'
import { statusMark, statusWord } from './status-mark.ts'

const LONGEST_REASON = 300

type Node = { text: string, below: Node[] }

/** An event with its jobs and follow-on events, as lines. */
export function drawTree (tree: EventTree, screen: Pick<Screen, 'colors'>): string[] {
  const top = eventNode(tree, tree.tree_status, screen)
  const lines = [top.text, ...branches(top.below, '', screen)]
  return tree.truncated ? [...lines, screen.colors.dim('… there are more events than are shown')] : lines
}

function branches (nodes: Node[], indent: string, screen: Pick<Screen, 'colors'>): string[] {
  return nodes.flatMap(({ text, below }, i) => {
    const last = i === nodes.length - 1
    return [
      `${screen.colors.dim(`${indent}${last ? '└─' : '├─'}`)} ${text}`,
      ...branches(below, `${indent}${last ? '   ' : '│  '}`, screen)
    ]
  })
}

function eventNode (
  { id, event, jobs, refused, replays, submitted_by: by }: EventTree,
  status: EventTree['status'],
  screen: Pick<Screen, 'colors'>
): Node {
  const { colors } = screen
  const subject = typeof event['subject'] === 'string' ? [plain(event['subject'])] : []
  const below = jobs.map((job) => jobNode(job, screen))
  if (refused !== null) below.unshift({ text: colors.yellow(`started nothing: ${plain(refused)}`), below: [] })
  const notes = [
    ...replays === null ? [] : [colors.dim(`replays ${replays}`)],
    ...by === undefined ? [] : [colors.dim(`by ${plain(by)}`)]
  ]
  return {
    text: [
      `${statusMark(status, colors)} ${colors.bold(plain(event.type))}`,
      ...subject,
      statusWord(status, colors),
      colors.dim(id),
      ...notes
    ].join('  '),
    below
  }
}

function jobNode (job: TreeJob, screen: Pick<Screen, 'colors'>): Node {
  const { colors } = screen
  const time = took(job.timestamps)
  const reason =
    job.reason === null || job.status === 'cancelled'
      ? []
      : [{ text: colors.red(shorten(plain(job.reason), LONGEST_REASON)), below: [] }]
  const refused = job.refused.map(({ type, refused = '' }) => ({
    text: colors.yellow(`${plain(type)} refused: ${plain(refused)}`),
    below: []
  }))
  const untold = job.notices?.failed ?? 0
  const events = job.events.map((event) => eventNode(event, event.status, screen))
  return {
    text: [
      `${statusMark(job.status, colors)} ${job.process}`,
      statusWord(job.status, colors),
      ...(time === '' ? [] : [time]),
      colors.dim(job.id),
      ...(job.acts ?? []).slice(-1).map((act) => colors.dim(actLine(act))),
      ...untold === 0 ? [] : [colors.yellow(`${untold} could not be told of its end`)]
    ].join('  '),
    below: [...reason, ...refused, ...events]
  }
}

/** All jobs of a tree, parents before children. */
export const jobsOf = (tree: EventTree): TreeJob[] => tree.jobs.flatMap((job) => [job, ...job.events.flatMap(jobsOf)])
