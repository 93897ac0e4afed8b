import { useEffect, useState } from 'preact/hooks'
import type { NewEvent } from '../../../client/event-client.ts'
import { EventClientError } from '../../../client/event-client-error.ts'
import type { PlanView } from '../../../schemas/submit.ts'
import { api } from '../../lib/session.ts'
import { to, toJob } from '../../lib/router.ts'
import { visible } from '../../lib/visible.ts'

const PAUSE_MS = 300

type Answer = { plan?: PlanView, problem?: Error }

/** What the event would start, and why, asked of the service a moment after each change. */
export function Plan ({ event }: { event: NewEvent }) {
  const [answer, setAnswer] = useState<Answer>({})
  const text = JSON.stringify(event)
  useEffect(() => {
    let isOld = false
    const ask = async (): Promise<void> => {
      const next = await api()
        .plan(event)
        .then(
          (plan) => ({ plan }),
          (problem: Error) => ({ problem })
        )
      if (!isOld) setAnswer(next)
    }
    const timer = setTimeout(() => {
      void ask()
    }, PAUSE_MS)
    return () => {
      isOld = true
      clearTimeout(timer)
    }
  }, [text])
  const { plan, problem } = answer
  return (
    <section class='panel' aria-label='Plan' aria-live='polite'>
      <h2>What it would start</h2>
      {problem !== undefined && (
        <p class='note bad'>
          <strong>It would be refused.</strong> {problem.message}
          {problem instanceof EventClientError && problem.field !== undefined && (
            <>
              {' '}
              (field <code>{problem.field}</code>)
            </>
          )}
        </p>
      )}
      {plan !== undefined && <Jobs plan={plan} />}
    </section>
  )
}

function Jobs ({ plan: { known, jobs, left_out: leftOut = [], rules = [] } }: { plan: PlanView }) {
  if (known !== undefined) {
    return (
      <div class='pad'>
        <p class='note warn'>This event is known already: it would start nothing.</p>
        <ul class='plain-list'>
          {known.map(([process, id]) => (
            <li key={id}>
              <a href={toJob(process, id)}>{process}</a> <span class='id soft'>{id}</span>
            </li>
          ))}
        </ul>
      </div>
    )
  }
  if (jobs.length === 0) return <p class='pad soft'>Nothing: it would be recorded, and start no process.</p>
  return (
    <ul class='needs'>
      {jobs.map(({ process, queue, reason, problems, gate }) => (
        <li key={process}>
          <span class={problems.length > 0 ? 'mark bad' : 'mark good'} aria-hidden='true'>
            {problems.length > 0 ? '✖' : '✔'}
          </span>
          <div>
            <a class='what' href={to('processes', [process])}>
              {process}
            </a>{' '}
            <span class='soft'>on queue {queue}</span>
            {problems.map(({ field, message }) => (
              <p key={field} class='bad'>
                <code>{field}</code> {visible(message)}
              </p>
            ))}
            <p class='soft'>{visible(reason)}</p>
            {gate !== undefined && <p class='wait'>{visible(gate)}</p>}
          </div>
        </li>
      ))}
      {leftOut.map(({ process, reason }) => (
        <li key={`left ${process}`}>
          <span class='mark off' aria-hidden='true'>
            ·
          </span>
          <div class='soft'>
            {process} is not started: {visible(reason)}
          </div>
        </li>
      ))}
      {rules.map(({ entry, applied, reason }) => (
        <li key={`rule ${entry}`}>
          <span class='mark off' aria-hidden='true'>
            {applied ? '✔' : '·'}
          </span>
          <div class='soft'>
            {entry} {applied ? 'applies' : 'does not apply'}: {visible(reason)}
          </div>
        </li>
      ))}
    </ul>
  )
}
