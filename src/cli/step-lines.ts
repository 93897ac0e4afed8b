import { formatDuration } from '../base/duration.ts'
import type { ArtefactView, StepView } from '../schemas/steps.ts'
import { plain, type Screen } from './screen.ts'
import { drawTable } from './table.ts'

type Shown = Pick<Screen, 'colors' | 'width'>

const MARKS: Record<StepView['status'], [mark: string, color: 'green' | 'red' | 'cyan' | 'yellow' | 'magenta']> = {
  running: ['●', 'cyan'],
  complete: ['✔', 'green'],
  failed: ['✖', 'red'],
  reused: ['↺', 'magenta'],
  interrupted: ['⊘', 'yellow']
}
/** Rows of a table that are shown; `--json` has the others. */
const MOST_ROWS = 20

/** The steps of a job, each on a line. */
export function stepLines (steps: StepView[], screen: Shown): string[] {
  if (steps.length === 0) return []
  const isOfSeveral = new Set(steps.map(({ round, attempt }) => `${round} ${attempt}`)).size > 1
  const rows = steps.map((step) => [
    markOf(step, screen.colors),
    isOfSeveral ? `${step.round > 0 ? `retry ${step.round}, ` : ''}attempt ${step.attempt}` : '',
    tookOf(step),
    toldOf(step)
  ])
  const of = { title: isOfSeveral ? 'OF' : '' }
  const columns = [{ title: 'STEP' }, of, { title: 'TOOK' }, { title: '', flexible: true }]
  return drawTable(columns, rows, screen).split('\n')
}

function markOf ({ name, status }: StepView, colors: Screen['colors']): string {
  // A newer service may have words that this client does not know.
  const [mark, color] = MARKS[status] ?? ['·', 'yellow']
  return `${colors[color](mark)} ${plain(name)}`
}

function tookOf ({ status, started, ended }: StepView): string {
  if (status === 'reused' || (ended === null && status !== 'running')) return ''
  return formatDuration(Math.max(0, (ended === null ? Date.now() : Date.parse(ended)) - Date.parse(started)))
}

function toldOf ({ status, tries, counts, progress, reason }: StepView): string {
  const total = progress?.total === undefined ? '' : ` of ${progress.total}`
  const how = progress === null ? '' : `${progress.complete}${total} ${plain(progress.message ?? '')}`.trim()
  return [
    status === 'reused' || status === 'interrupted' ? status : '',
    tries > 1 ? `${tries} tries` : '',
    status === 'running' ? how : '',
    ...Object.entries(counts).map(([name, count]) => `${count.toLocaleString('en')} ${plain(name)}`),
    reason === null ? '' : plain(reason)
  ].filter((part) => part !== '').join(', ')
}

/** What a job shows beside its output; a table with its first rows, a text as it was written. */
export function artefactLines (artefacts: ArtefactView[], screen: Shown): string[] {
  const { colors } = screen
  return artefacts.flatMap((artefact) => {
    const of = artefact.step === undefined ? '' : colors.dim(` of ${plain(artefact.step)}`)
    return ['', `${colors.bold(plain(artefact.name))}${of}`, ...contentOf(artefact, screen)]
  })
}

function contentOf (artefact: ArtefactView, screen: Shown): string[] {
  if (artefact.kind === 'link') return [plain(artefact.url)]
  if (artefact.kind === 'markdown') return [...artefact.text.split('\n').map(plain), ...artefact.is_cut ? ['…'] : []]
  const { columns, rows, total } = artefact
  const shown = rows.slice(0, MOST_ROWS)
  const cells = shown.map((row) => row.map((cell) => plain(String(cell ?? ''))))
  const titles = columns.map((title) => ({ title: plain(title), flexible: true }))
  const table = shown.length === 0 ? [] : drawTable(titles, cells, screen).split('\n')
  return total > shown.length ? [...table, screen.colors.dim(`… ${total} rows`)] : table
}
