import { useLoad } from '../lib/load.ts'
import { toEvent } from '../lib/router.ts'
import { api } from '../lib/session.ts'
import { shownAs } from '../lib/status.ts'
import { readMarks, squaresOf } from '../lib/windows.ts'
import { Shown } from '../parts/shown.tsx'

/** So many windows are a link each; of more a square stands for many. */
const MOST_LINKS = 1000
const MOST_SQUARES = 500

/** A square for each window, in their order. */
export function Windows ({ id, total, marks }: { id: string, total: number, marks: string }) {
  return (
    <div class='pad'>
      {total <= MOST_LINKS ? <Links id={id} marks={marks} /> : <Squares marks={marks} />}
      <p class='row soft key'>
        {['complete', 'failed', 'running', 'waiting'].map((one) => (
          <span key={one}>
            <span class={`square ${one}`} aria-hidden='true'>
              {shownAs(one).mark}
            </span>{' '}
            {shownAs(one).word}
          </span>
        ))}
      </p>
    </div>
  )
}

function Links ({ id, marks }: { id: string, marks: string }) {
  const load = useLoad(`windows ${id} ${marks}`, () => api().listBackfillWindows(id, { limit: MOST_LINKS }))
  return (
    <Shown load={load}>
      {({ items }) => (
        <ol class='squares' aria-label='Windows'>
          {items.map(({ index, begin, status, event, reason }) => {
            const said = `${begin} ${shownAs(status).word}${reason === null ? '' : `: ${reason.slice(0, 200)}`}`
            return (
              <li key={index}>
                {event === null
                  ? (
                    <span class={`square ${status}`} title={said}>
                      <span aria-hidden='true'>{shownAs(status).mark}</span>
                      <span class='hidden'>{said}</span>
                    </span>
                    )
                  : (
                    <a class={`square ${status}`} href={toEvent(event)} title={said} aria-label={said}>
                      {shownAs(status).mark}
                    </a>
                    )}
              </li>
            )
          })}
        </ol>
      )}
    </Shown>
  )
}

function Squares ({ marks }: { marks: string }) {
  return (
    <ol class='squares' aria-label='Windows, many to a square'>
      {squaresOf(readMarks(marks), MOST_SQUARES).map(({ first, count, status }) => {
        const said = `windows ${first + 1} to ${first + count}: ${shownAs(status).word}`
        return (
          <li key={first}>
            <span class={`square ${status}`} title={said}>
              <span aria-hidden='true'>{shownAs(status).mark}</span>
              <span class='hidden'>{said}</span>
            </span>
          </li>
        )
      })}
    </ol>
  )
}
