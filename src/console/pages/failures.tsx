import { useState } from 'preact/hooks'
import type { JobView } from '../../schemas/jobs.ts'
import { causesOf, type Cause } from '../lib/causes.ts'
import { readFailures } from '../lib/failures.ts'
import { useKeys } from '../lib/keys.ts'
import { useLoad } from '../lib/load.ts'
import { copy } from '../lib/notice.ts'
import { field, setQuery } from '../lib/router.ts'
import { api, refusal } from '../lib/session.ts'
import { since } from '../lib/time.ts'
import { Action } from '../parts/action.tsx'
import { Bulk } from '../parts/bulk.tsx'
import { useTitle } from '../parts/frame.tsx'
import { Empty, Shown } from '../parts/shown.tsx'
import { TextFilter } from '../parts/text-filter.tsx'
import { CauseRow } from './cause.tsx'

const LOOK_MS = 10_000
export const SPANS = ['1h', '6h', '24h', '3d', '7d', '30d']

/** What failed, by cause: retried together, or looked into one by one. */
export function Failures () {
  const span = field('since') === '' ? '24h' : field('since')
  const [process, subject, reason] = [field('process'), field('subject'), field('reason')]
  const load = useLoad(
    `failures ${process} ${subject} ${span}`,
    (signal) =>
      readFailures(
        {
          process: process === '' ? undefined : process,
          subject: subject === '' ? undefined : subject,
          since: since(span)
        },
        signal
      ),
    { everyMs: LOOK_MS }
  )
  return (
    <>
      <div class='page-head'>
        <h1>Failures</h1>
      </div>
      <Filters span={span} />
      <Shown load={load}>
        {({ jobs, isCut }) => (
          <List
            causes={causesOf(jobs.filter((job) => (job.reason ?? '').toLowerCase().includes(reason.toLowerCase())))}
            isCut={isCut}
            span={span}
            reload={load.reload}
          />
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
      <TextFilter name='process' label='Process' isLive />
      <TextFilter name='subject' label='Subject' isLive />
      <TextFilter name='reason' label='Reason contains' isLive />
    </div>
  )
}

type ListProps = { causes: Cause[], isCut: boolean, span: string, reload: () => void }

function List ({ causes, isCut, span, reload }: ListProps) {
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set())
  const [isRetrying, setRetrying] = useState<Cause[] | undefined>(undefined)
  const total = causes.reduce((sum, { jobs }) => sum + jobs.length, 0)
  useTitle(total === 0 ? 'Failures' : `✖ ${total} failed`)
  const selected = causes.filter(({ key }) => chosen.has(key))
  const count = selected.reduce((sum, { jobs }) => sum + jobs.length, 0)
  const retry = (): void => {
    if (selected.length > 0 && refusal('operate') === undefined) setRetrying(selected)
  }
  useKeys({ r: retry })
  if (causes.length === 0) {
    return (
      <Empty>
        <strong>
          No failures since {span} ago <span class='good'>✔</span>
        </strong>
      </Empty>
    )
  }
  const toggle = (key: string): void => {
    const next = new Set(chosen)
    if (!next.delete(key)) next.add(key)
    choose(next)
  }
  const isAll = selected.length === causes.length
  return (
    <section class='panel'>
      <header>
        <label class='check'>
          <input
            type='checkbox'
            checked={isAll}
            onChange={() => {
              choose(new Set(isAll ? [] : causes.map(({ key }) => key)))
            }}
          />
          all
        </label>
        <strong>
          {causes.length} {causes.length === 1 ? 'cause' : 'causes'}, {total}
          {isCut ? '+' : ''} {total === 1 ? 'job' : 'jobs'}
        </strong>
        <span class='row spring'>
          <span class='soft' aria-live='polite'>
            {count === 0 ? 'select with x' : `${count} selected`}
          </span>
          <Action scope='operate' tone='main' run={retry} unless={count === 0 ? 'Nothing is selected.' : undefined}>
            Retry…
          </Action>
          <button
            type='button'
            disabled={count === 0}
            onClick={() => {
              void copy(selected.flatMap(({ jobs }) => jobs.map(({ id }) => id)).join('\n'), `${count} ids`)
            }}
          >
            Copy ids
          </button>
        </span>
      </header>
      <ul class='causes'>
        {causes.map((cause) => (
          <CauseRow
            key={cause.key}
            cause={cause}
            isChosen={chosen.has(cause.key)}
            toggle={() => {
              toggle(cause.key)
            }}
          />
        ))}
      </ul>
      {isRetrying !== undefined && (
        <Bulk
          title='Retry these jobs'
          verb='Retry'
          tasks={isRetrying.flatMap(({ jobs }) => jobs.map(taskOf))}
          note='Each runs again under its id, with the input it had. What it waited for before, it may wait for again.'
          close={() => {
            setRetrying(undefined)
            choose(new Set())
            reload()
          }}
        />
      )}
    </section>
  )
}

const taskOf = ({ process, id, reason }: JobView) => ({
  process,
  id,
  detail: reason ?? '',
  run: async () => {
    await api().retryJob(process, id)
  }
})
