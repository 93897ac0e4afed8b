import { spread } from '../lib/figures.ts'
import { useLoad } from '../lib/load.ts'
import { to } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { rulesOf } from '../lib/rules.ts'
import type { EventTypes, ProcessView, QueueView } from '../../schemas/lookups.ts'
import type { Stats, WorkerView } from '../../schemas/stats.ts'
import { PausedBy } from '../parts/acts.tsx'
import { useTitle } from '../parts/frame.tsx'
import { Pause } from '../parts/pause.tsx'
import { Shown } from '../parts/shown.tsx'
import { Status } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'
import { Workers } from './workers.tsx'

const LOOK_MS = 5000
const STATS_MS = 30_000

export type Known = {
  processes: ProcessView[]
  queues: QueueView[]
  types: EventTypes['items']
  workers: WorkerView[]
}

export async function readProcesses (): Promise<Known> {
  const [processes, queues, types, workers] = await Promise.all([
    api().processes(),
    api().queues(),
    api().eventTypes(),
    api().workers()
  ])
  return { processes: processes.items, queues: queues.items, types: types.items, workers: workers.items }
}

/** Who serves what, how long the queues are, and what is paused. */
export function Processes () {
  useTitle('Processes')
  const load = useLoad('processes', readProcesses, { everyMs: LOOK_MS })
  const { data: stats } = useLoad('stats', () => api().stats(), { everyMs: STATS_MS })
  return (
    <>
      <div class='page-head'>
        <h1>Processes</h1>
        <a class='spring' href='/board'>
          The queues as BullMQ has them
        </a>
      </div>
      <Shown load={load}>
        {(known) => (
          <>
            <List known={known} stats={stats} reload={load.reload} />
            <Workers workers={known.workers} />
          </>
        )}
      </Shown>
    </>
  )
}

type Listed = { known: Known, stats: Stats | undefined, reload: () => void }

function List ({ known, stats, reload }: Listed) {
  return (
    <section class='panel' aria-label='Processes'>
      <div class='scroll'>
        <table class='cards'>
          <thead>
            <tr>
              <th>Process</th>
              <th>Started by</th>
              <th class='num'>Workers</th>
              <th class='num'>Waiting</th>
              <th class='num'>Active</th>
              <th class='num' title='In 24 hours'>Failed</th>
              <th class='num' title='How long they run: half of them, 95 of 100'>Run</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {known.processes.map((one) => (
              <Row key={one.process} process={one} known={known} stats={stats} reload={reload} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

export const startedBy = (process: string, types: EventTypes['items']): string[] =>
  types.filter(({ processes }) => processes.includes(process)).map(({ type }) => type)

function Row ({ process: view, known: { types, queues }, stats, reload }: Listed & { process: ProcessView }) {
  const { process } = view
  const queue = queues.find((one) => one.queue === view.queue)
  const counted = stats?.processes.find((one) => one.process === process)
  const isUnserved = queue !== undefined && queue.workers === 0
  const failed = counted?.jobs.failed ?? 0
  return (
    <tr data-row>
      <td>
        <a href={to('processes', [process])}>{process}</a>
        <div class='soft'>{rulesOf(view)}</div>
        {view.queue !== process && <div class='soft'>on queue {view.queue}</div>}
        {queue?.paused === true && (
          <div>
            queue <Status of='paused' /> <PausedBy acts={queue.acts} />
          </div>
        )}
      </td>
      <td data-name='started by'>{startedBy(process, types).join(', ')}</td>
      <td class='num' data-name='workers'>
        {isUnserved ? <strong class={queue.waiting > 0 ? 'bad' : 'soft'}>none</strong> : queue?.workers}
      </td>
      <td class='num' data-name='waiting'>
        {(queue?.waiting ?? 0) + (queue?.delayed ?? 0)}
        {counted?.oldest != null && (
          <div class='soft'>
            since <Ago at={counted.oldest} />
          </div>
        )}
      </td>
      <td class='num' data-name='active'>
        {queue?.active}
      </td>
      <td class='num' data-name='failed in 24 h'>
        {failed > 0 ? <strong class='bad'>{failed}</strong> : 0}
      </td>
      <td class='num' data-name='runs'>{counted === undefined ? '' : spread(counted.run)}</td>
      <td>
        <PauseProcess view={view} reload={reload} />
      </td>
    </tr>
  )
}

export function PauseProcess ({ view: { process, paused, acts }, reload }: { view: ProcessView, reload: () => void }) {
  return (
    <Pause
      name={`process ${process}`}
      means='No job of it begins until it is resumed, whatever queue it shares; running ones go on.'
      paused={paused}
      acts={acts}
      pause={(note) => api().pauseProcess(process, note)}
      resume={() => api().resumeProcess(process)}
      reload={reload}
    />
  )
}
