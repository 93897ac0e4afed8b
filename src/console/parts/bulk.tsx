import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Act, Acted } from '../lib/acting.ts'
import { jobsIn } from '../lib/failures.ts'
import { failed } from '../lib/notice.ts'
import { Sheet } from './sheet.tsx'
import { Skeleton } from './shown.tsx'

type Props = {
  title: string
  verb: string
  act: Act
  close: () => void
  isDanger?: boolean
  /** What is to be known of it. */
  note?: string
  /** Whether it is asked why. */
  asksWhy?: boolean
}

const SHOWN = 8
/** More than these are done only by whoever writes their number. */
const ASKED = 100

/** Shows what the service says that it would do, then has it done, and tells how far it is. */
export function Bulk ({ title, verb, act, close, isDanger = false, note, asksWhy = false }: Props) {
  const [plan, setPlan] = useState<Acted | undefined>(undefined)
  const [outcome, setOutcome] = useState<Acted & { isOver: boolean } | undefined>(undefined)
  const [why, setWhy] = useState('')
  useEffect(() => {
    void collect(act(true), (all, isOver) => { if (isOver) setPlan(all) }).catch((error: unknown) => {
      failed(error)
      close()
    })
  }, [])
  const run = (): void => {
    const tell = (all: Acted, isOver: boolean): void => { setOutcome({ ...all, isOver }) }
    setOutcome({ done: [], skipped: [], isOver: false })
    void collect(act(false, why === '' ? undefined : why), tell).catch((error: unknown) => {
      failed(error)
      close()
    })
  }
  return (
    <Sheet title={title} close={close}>
      {note !== undefined && <p class='soft'>{note}</p>}
      {plan === undefined && <Skeleton />}
      {plan !== undefined && <Planned plan={plan} />}
      {plan !== undefined && outcome === undefined && (
        <Ask
          count={plan.done.length}
          verb={verb}
          isDanger={isDanger}
          why={asksWhy ? why : undefined}
          setWhy={setWhy}
          run={run}
          close={close}
        />
      )}
      {outcome !== undefined && <Progress outcome={outcome} total={plan?.done.length ?? 0} verb={verb} />}
      {outcome !== undefined && (
        <p class='row'>
          <button type='button' onClick={close}>{outcome.isOver ? 'Done' : 'Close'}</button>
        </p>
      )}
    </Sheet>
  )
}

function Planned ({ plan: { done, skipped } }: { plan: Acted }) {
  const counts = [...countsOf(done)].map(([process, count]) => `${count} × ${process}`)
  return (
    <>
      <p>
        <strong>{done.length === 0 ? 'Nothing to do' : jobsIn(done.length)}</strong>
        {done.length > 0 && `: ${counts.join(', ')}`}
      </p>
      <ul class='plain-list'>
        {done.slice(0, SHOWN).map(([process, id]) => (
          <li key={id}>
            <strong>{process}</strong> <span class='id'>{id}</span>
          </li>
        ))}
        {done.length > SHOWN && <li class='soft'>and {done.length - SHOWN} more</li>}
      </ul>
      <Left skipped={skipped} />
    </>
  )
}

type AskProps = Pick<Required<Props>, 'verb' | 'isDanger' | 'close'> & {
  count: number
  /** Undefined where nobody is asked why. */
  why: string | undefined
  setWhy: (why: string) => void
  run: () => void
}

/** The last question, with the focus where a press of Enter does what is meant. */
function Ask ({ count, verb, isDanger, why, setWhy, run, close }: AskProps) {
  const [written, setWritten] = useState('')
  const first = useRef<HTMLElement>(null)
  useLayoutEffect(() => { first.current?.focus() }, [])
  const isUnsure = count === 0 || (count > ASKED && written !== String(count))
  const focus = (isFirst: boolean) => isFirst ? { ref: first as never } : {}
  return (
    <form
      class='form'
      onSubmit={(event) => {
        event.preventDefault()
        if (!isUnsure) run()
      }}
    >
      {why !== undefined && count > 0 && (
        <label>
          Why, for who looks later
          <input
            {...focus(true)}
            value={why}
            maxLength={1000}
            onInput={(event) => { setWhy(event.currentTarget.value) }}
          />
        </label>
      )}
      {count > ASKED && (
        <label>
          Write {count} to go on{' '}
          <input value={written} inputMode='numeric' onInput={(event) => { setWritten(event.currentTarget.value) }} />
        </label>
      )}
      <p class='row'>
        {count > 0 && (
          <button
            type='submit'
            {...focus(!isDanger && why === undefined)}
            class={isDanger ? 'danger' : 'main'}
            disabled={isUnsure}
          >
            {verb} {count}
          </button>
        )}
        <button type='button' {...focus(isDanger || count === 0)} onClick={close}>Leave it</button>
      </p>
    </form>
  )
}

const DONE: Record<string, string> = { Retry: 'run again', Cancel: 'cancelled', Dismiss: 'dismissed' }

function Progress ({ outcome: { done, skipped }, total, verb }: { outcome: Acted, total: number, verb: string }) {
  const ended = done.length + skipped.length
  return (
    <div role='status' aria-live='polite'>
      <p>
        <progress max={total} value={ended} aria-label='Progress' /> {done.length} of {total}{' '}
        {DONE[verb] ?? 'done'}
        {skipped.length > 0 && `, ${skipped.length} refused`}
      </p>
      <Left skipped={skipped} />
    </div>
  )
}

function Left ({ skipped }: Pick<Acted, 'skipped'>) {
  if (skipped.length === 0) return null
  return (
    <>
      <p class='soft'>Left as they are:</p>
      <ul class='plain-list'>
        {skipped.slice(0, SHOWN).map(({ id, reason }) => (
          <li key={id}>
            <span class='id'>{id}</span> {reason}
          </li>
        ))}
        {skipped.length > SHOWN && <li class='soft'>and {skipped.length - SHOWN} more</li>}
      </ul>
    </>
  )
}

/** Tells after each answer what all of them came to. */
async function collect (
  answers: AsyncGenerator<Acted, void, undefined>,
  tell: (all: Acted, isOver: boolean) => void
): Promise<void> {
  const all: Acted = { done: [], skipped: [] }
  for await (const { done, skipped } of answers) {
    all.done.push(...done)
    all.skipped.push(...skipped)
    tell({ ...all }, false)
  }
  tell({ ...all }, true)
}

function countsOf (jobs: Acted['done']): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [process] of jobs) counts.set(process, (counts.get(process) ?? 0) + 1)
  return counts
}
