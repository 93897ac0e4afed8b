import { useLoad } from '../lib/load.ts'
import { done } from '../lib/notice.ts'
import { to } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { rulesOf } from '../lib/rules.ts'
import type { EventTypes, ProcessView, QueueView } from '../../schemas/lookups.ts'
import { Action } from '../parts/action.tsx'
import { useTitle } from '../parts/frame.tsx'
import { Shown } from '../parts/shown.tsx'
import { Status } from '../parts/status.tsx'

const LOOK_MS = 5000

export type Known = { processes: ProcessView[], queues: QueueView[], types: EventTypes['items'] }

export async function readProcesses (): Promise<Known> {
  const [processes, queues, types] = await Promise.all([api().processes(), api().queues(), api().eventTypes()])
  return { processes: processes.items, queues: queues.items, types: types.items }
}

/** Who serves what, how long the queues are, and what is paused. */
export function Processes () {
  useTitle('Processes')
  const load = useLoad('processes', readProcesses, { everyMs: LOOK_MS })
  return (
    <>
      <div class='page-head'>
        <h1>Processes</h1>
        <a class='spring' href='/board'>
          The queues as BullMQ has them
        </a>
      </div>
      <Shown load={load}>
        {({ processes, queues, types }) => (
          <section class='panel' aria-label='Processes'>
            <div class='scroll'>
              <table class='cards'>
                <thead>
                  <tr>
                    <th>Process</th>
                    <th>Started by</th>
                    <th>Queue</th>
                    <th class='num'>Workers</th>
                    <th class='num'>Waiting</th>
                    <th class='num'>Active</th>
                    <th>State</th>
                  </tr>
                </thead>
                <tbody>
                  {processes.map((one) => (
                    <Row
                      key={one.process}
                      process={one}
                      types={types}
                      queue={queues.find(({ queue }) => queue === one.queue)}
                      reload={load.reload}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          </section>
        )}
      </Shown>
    </>
  )
}

export const startedBy = (process: string, types: EventTypes['items']): string[] =>
  types.filter(({ processes }) => processes.includes(process)).map(({ type }) => type)

type RowProps = {
  process: ProcessView
  types: EventTypes['items']
  queue: QueueView | undefined
  reload: () => void
}

function Row ({ process: view, types, queue, reload }: RowProps) {
  const { process, paused } = view
  const isUnserved = queue !== undefined && queue.workers === 0
  return (
    <tr data-row>
      <td>
        <a href={to('processes', [process])}>{process}</a>
        <div class='soft'>{rulesOf(view)}</div>
      </td>
      <td data-name='started by'>{startedBy(process, types).join(', ')}</td>
      <td data-name='queue'>
        {view.queue}
        {queue?.paused === true && (
          <>
            {' '}
            <Status of='paused' />
          </>
        )}
      </td>
      <td class='num' data-name='workers'>
        {isUnserved ? <strong class={queue.waiting > 0 ? 'bad' : 'soft'}>none</strong> : queue?.workers}
      </td>
      <td class='num' data-name='waiting'>
        {(queue?.waiting ?? 0) + (queue?.delayed ?? 0)}
      </td>
      <td class='num' data-name='active'>
        {queue?.active}
      </td>
      <td>
        <Pause process={process} paused={paused} reload={reload} />
      </td>
    </tr>
  )
}

export function Pause ({ process, paused, reload }: { process: string, paused: boolean, reload: () => void }) {
  const change = async (): Promise<void> => {
    await (paused ? api().resumeProcess(process) : api().pauseProcess(process))
    done(paused ? `${process} begins jobs again` : `${process} begins no job until it is resumed`)
    reload()
  }
  return (
    <span class='row'>
      {paused && <Status of='paused' />}
      <Action scope='operate' run={change} label={`${paused ? 'Resume' : 'Pause'} ${process}`}>
        {paused ? 'Resume' : 'Pause'}
      </Action>
    </span>
  )
}
