import { useState } from 'preact/hooks'
import { messageOf } from '../lib/session.ts'
import { beginning } from '../lib/visible.ts'
import { Sheet } from './sheet.tsx'

/** One of many things to do to jobs. */
export type Task = { process: string, id: string, detail: string, run: () => Promise<void> }

type Props = { title: string, verb: string, tasks: Task[], close: () => void, isDanger?: boolean, note?: string }
type Outcome = { done: number, refused: Array<{ id: string, reason: string }> }

const SHOWN = 8
/** More than these are done only by whoever writes their number. */
const ASKED = 100
const AT_ONCE = 4

/** Shows what would be done, then does it, one by one, and tells how far it is. */
export function Bulk ({ title, verb, tasks, close, isDanger = false, note }: Props) {
  // What was shown is what is done, though the list behind it changes meanwhile.
  const [shown] = useState(tasks)
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined)
  const [written, setWritten] = useState('')
  const isOver = outcome !== undefined && outcome.done + outcome.refused.length === shown.length
  const isUnsure = shown.length > ASKED && written !== String(shown.length)
  const counts = countsOf(shown)
  return (
    <Sheet title={title} close={close}>
      <p>
        <strong>
          {shown.length} {shown.length === 1 ? 'job' : 'jobs'}
        </strong>
        : {[...counts].map(([process, count]) => `${count} × ${process}`).join(', ')}
      </p>
      {note !== undefined && <p class='soft'>{note}</p>}
      <ul class='plain-list'>
        {shown.slice(0, SHOWN).map(({ process, id, detail }) => (
          <li key={id}>
            <strong>{process}</strong> <span class='id'>{id}</span>{' '}
            <span class='soft reason'>{beginning(detail, 120)}</span>
          </li>
        ))}
        {shown.length > SHOWN && <li class='soft'>and {shown.length - SHOWN} more</li>}
      </ul>
      {shown.length > ASKED && outcome === undefined && (
        <label>
          Write {shown.length} to go on{' '}
          <input
            value={written}
            inputMode='numeric'
            onInput={(event) => {
              setWritten(event.currentTarget.value)
            }}
          />
        </label>
      )}
      {outcome !== undefined && <Progress outcome={outcome} total={shown.length} verb={verb} />}
      <p class='row'>
        {outcome === undefined && (
          <button
            type='button'
            class={isDanger ? 'danger' : 'main'}
            disabled={isUnsure}
            autofocus={!isDanger}
            onClick={() => {
              void runAll(shown, setOutcome)
            }}
          >
            {verb} {shown.length}
          </button>
        )}
        <button type='button' autofocus={isDanger} onClick={close}>
          {isOver ? 'Done' : outcome === undefined ? 'Leave it' : 'Close'}
        </button>
      </p>
    </Sheet>
  )
}

function Progress ({ outcome: { done, refused }, total, verb }: { outcome: Outcome, total: number, verb: string }) {
  return (
    <div role='status' aria-live='polite'>
      <p>
        <progress max={total} value={done + refused.length} aria-label='Progress' /> {done} of {total}{' '}
        {verb === 'Retry' ? 'run again' : 'done'}
        {refused.length > 0 && `, ${refused.length} refused`}
      </p>
      {refused.length > 0 && (
        <ul class='plain-list'>
          {refused.slice(0, SHOWN).map(({ id, reason }) => (
            <li key={id}>
              <span class='id'>{id}</span> {reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

async function runAll (tasks: Task[], tell: (outcome: Outcome) => void): Promise<void> {
  const outcome: Outcome = { done: 0, refused: [] }
  const left = [...tasks]
  tell({ ...outcome })
  const work = async (): Promise<void> => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) {
      try {
        await task.run()
        outcome.done += 1
      } catch (error) {
        outcome.refused.push({ id: task.id, reason: messageOf(error) })
      }
      tell({ ...outcome })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

function countsOf (tasks: Task[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { process } of tasks) counts.set(process, (counts.get(process) ?? 0) + 1)
  return counts
}
