import { useState } from 'preact/hooks'
import type { FailureGroup } from '../../schemas/redrive.ts'
import { dismissNamed, retryNamed } from '../lib/acting.ts'
import { jobsIn, keyOf, readGroups } from '../lib/failures.ts'
import { useKeys } from '../lib/keys.ts'
import { useLoad } from '../lib/load.ts'
import { copy } from '../lib/notice.ts'
import { field, setQuery } from '../lib/router.ts'
import { refusal } from '../lib/session.ts'
import { since } from '../lib/time.ts'
import { Action } from '../parts/action.tsx'
import { Bulk } from '../parts/bulk.tsx'
import { useTitle } from '../parts/frame.tsx'
import { Empty, Shown } from '../parts/shown.tsx'
import { TextFilter } from '../parts/text-filter.tsx'
import { CauseRow } from './cause.tsx'

const LOOK_MS = 10_000
export const SPANS = ['1h', '6h', '24h', '3d', '7d', '30d']

const given = (name: string): string | undefined => field(name) === '' ? undefined : field(name)

/** What failed, by cause: retried together, dismissed, or looked into one by one. */
export function Failures () {
  const span = given('since') ?? '24h'
  const filter = {
    process: given('process'),
    subject: given('subject'),
    reason_contains: given('reason'),
    handled: given('handled') === undefined ? undefined : true
  }
  const read = () => readGroups({ ...filter, since: since(span) })
  const load = useLoad(`failures ${JSON.stringify(filter)} ${span}`, read, { everyMs: LOOK_MS })
  return (
    <>
      <div class='page-head'>
        <h1>Failures</h1>
      </div>
      <Filters span={span} />
      <Shown load={load}>
        {({ items, total, isCut }) => (
          <List causes={items} total={total} isCut={isCut} span={span} reload={load.reload} />
        )}
      </Shown>
    </>
  )
}

function Filters ({ span }: { span: string }) {
  return (
    <div class='bar'>
      <label>
        Since
        <select
          value={span}
          onChange={(event) => {
            setQuery({ since: event.currentTarget.value })
          }}
        >
          {SPANS.map((one) => (
            <option key={one} value={one}>
              {one} ago
            </option>
          ))}
        </select>
      </label>
      <TextFilter name='process' label='Process' />
      <TextFilter name='subject' label='Subject' />
      <TextFilter name='reason' label='Reason contains' />
      <label class='check'>
        <input
          type='checkbox'
          checked={field('handled') !== ''}
          onChange={(event) => {
            setQuery({ handled: event.currentTarget.checked ? 'yes' : '' })
          }}
        />
        also made good and dismissed
      </label>
    </div>
  )
}

type ListProps = { causes: FailureGroup[], total: number, isCut: boolean, span: string, reload: () => void }
type Open = { verb: 'Retry' | 'Dismiss', causes: FailureGroup[] } | undefined

const NOTES = {
  Retry: 'Each runs again under its id, with the input it had. What it waited for before, it may wait for again.',
  Dismiss: 'They stay failed and are listed with “also made good and dismissed”. They can be run again.'
}

function List ({ causes, total, isCut, span, reload }: ListProps) {
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set())
  const [open, setOpen] = useState<Open>(undefined)
  useTitle(total === 0 ? 'Failures' : `✖ ${total} failed`)
  const selected = causes.filter((cause) => chosen.has(keyOf(cause)))
  const begin = (verb: 'Retry' | 'Dismiss'): void => {
    if (selected.length > 0 && refusal('operate') === undefined) setOpen({ verb, causes: selected })
  }
  useKeys({
    r: () => { begin('Retry') },
    d: () => { begin('Dismiss') }
  })
  if (causes.length === 0) return <NoFailures span={span} />
  const toggle = (key: string): void => {
    const next = new Set(chosen)
    if (!next.delete(key)) next.add(key)
    choose(next)
  }
  const toggleAll = (): void => {
    choose(new Set(selected.length === causes.length ? [] : causes.map(keyOf)))
  }
  return (
    <section class='panel' aria-label='Causes'>
      <header>
        <label class='check'>
          <input type='checkbox' checked={selected.length === causes.length} onChange={toggleAll} />
          all
        </label>
        <strong>
          {causes.length} {causes.length === 1 ? 'cause' : 'causes'}, {jobsIn(total, isCut)}
        </strong>
        <Acts selected={selected} begin={begin} />
      </header>
      <ul class='causes'>
        {causes.map((cause) => (
          <CauseRow
            key={keyOf(cause)}
            cause={cause}
            span={span}
            isChosen={chosen.has(keyOf(cause))}
            toggle={() => {
              toggle(keyOf(cause))
            }}
          />
        ))}
      </ul>
      {open !== undefined && (
        <Bulk
          title={`${open.verb} these jobs`}
          verb={open.verb}
          act={(open.verb === 'Retry' ? retryNamed : dismissNamed)(open.causes.flatMap(({ jobs }) => jobs))}
          asksWhy={open.verb === 'Dismiss'}
          note={NOTES[open.verb]}
          close={() => {
            setOpen(undefined)
            choose(new Set())
            reload()
          }}
        />
      )}
    </section>
  )
}

function NoFailures ({ span }: { span: string }) {
  return (
    <Empty>
      <strong>
        No failures since {span} ago <span class='good'>✔</span>
      </strong>
    </Empty>
  )
}

function Acts ({ selected, begin }: { selected: FailureGroup[], begin: (verb: 'Retry' | 'Dismiss') => void }) {
  const count = selected.reduce((sum, one) => sum + one.count, 0)
  const unless = count === 0 ? 'Nothing is selected.' : undefined
  return (
    <span class='row spring'>
      <span class='soft' aria-live='polite'>
        {count === 0 ? 'select with x' : `${count} selected`}
      </span>
      <Action scope='operate' tone='main' run={() => { begin('Retry') }} unless={unless}>
        Retry…
      </Action>
      <Action scope='operate' run={() => { begin('Dismiss') }} unless={unless}>
        Dismiss…
      </Action>
      <button
        type='button'
        disabled={count === 0}
        onClick={() => {
          void copy(selected.flatMap(({ jobs }) => jobs.map(([, id]) => id)).join('\n'), `${count} ids`)
        }}
      >
        Copy ids
      </button>
    </span>
  )
}
