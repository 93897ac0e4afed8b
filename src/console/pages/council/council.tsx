import { useState } from 'preact/hooks'
import type { SearchHit, SearchMoment } from '../../../client/answers.ts'
import { useLoad } from '../../lib/load.ts'
import { field, setQuery, to } from '../../lib/router.ts'
import { day } from '../../lib/time.ts'
import { visible } from '../../lib/visible.ts'
import { useTitle } from '../../parts/frame.tsx'
import { Empty, Shown } from '../../parts/shown.tsx'
import { clockOf, search } from './answers.ts'

const FIELDS = ['q', 'body', 'person', 'begin', 'end', 'sort'] as const
const FIRST = 20

/** What was said in council meetings: a question, and the moments that answer it. */
export function Council () {
  useTitle('Council meetings')
  return (
    <>
      <h1>Council meetings</h1>
      <Question />
      {field('q') === '' ? <Empty>Ask for what was said: words, a bill, or a phrase in quotes.</Empty> : <Answer />}
    </>
  )
}

function Question () {
  const [query, setText] = useState(field('q'))
  return (
    <form
      class='bar'
      role='search'
      aria-label='What was said'
      onSubmit={(event) => {
        event.preventDefault()
        const given = new FormData(event.currentTarget)
        setQuery(Object.fromEntries(FIELDS.map((name) => [name, String(given.get(name) ?? '').trim()])))
      }}
    >
      <label>
        Words
        <input
          name='q'
          type='search'
          maxLength={200}
          value={query}
          onInput={(event) => { setText(event.currentTarget.value) }}
        />
      </label>
      <label>Body<input name='body' defaultValue={field('body')} /></label>
      <label>Person<input name='person' defaultValue={field('person')} /></label>
      <label>From<input name='begin' type='date' defaultValue={field('begin')} /></label>
      <label>To<input name='end' type='date' defaultValue={field('end')} /></label>
      <label>
        Order
        <select name='sort' defaultValue={field('sort')}>
          <option value=''>best, the new a little before the old</option>
          <option value='relevance'>best</option>
          <option value='newest'>newest</option>
          <option value='oldest'>oldest</option>
        </select>
      </label>
      <button class='main'>Search</button>
    </form>
  )
}

function Answer () {
  const given = FIELDS.flatMap((name) => field(name) === '' ? [] : [[name, field(name)] as const])
  const load = useLoad(`search ${JSON.stringify(given)}`, () => search({ first: FIRST, ...Object.fromEntries(given) }))
  return (
    <Shown load={load}>
      {({ index, meetings, hits }) => {
        if (index === null) return <Empty>There is no index yet: it is built when a transcript was stored.</Empty>
        if (hits.length === 0) return <Empty>Nothing of it was said in {meetings} meetings.</Empty>
        return hits.map((hit) => <Hit key={hit.event_id} hit={hit} />)
      }}
    </Shown>
  )
}

function Hit ({ hit: { event_id: id, event_datetime: at, body, context_span: span, moments } }: { hit: SearchHit }) {
  return (
    <section class='panel' aria-label={`${visible(body)} ${at.slice(0, 10)}`}>
      <header>
        <h3><a href={to('council', [id])}>{visible(body)}</a></h3>
        <time dateTime={at}>{day(at)} {at.slice(0, 4)}</time>
      </header>
      {moments.length === 0
        ? <p class='pad'>{visible(span)}</p>
        : <ol class='moments'>{moments.map((one) => <Moment key={one.sentence_index} meeting={id} of={one} />)}</ol>}
    </section>
  )
}

/** A moment leads to the meeting at its second. */
export function Moment ({ meeting, of }: { meeting: string, of: SearchMoment }) {
  const { start_time: start, session_index: session, speaker, before, text, after } = of
  return (
    <li>
      <a href={to('council', [meeting], { session: String(session), t: String(start) })}>{clockOf(start)}</a>
      <p>
        {speaker !== null && <strong>{visible(speaker)}: </strong>}
        <span class='soft'>{visible(before ?? '')}</span> {visible(text)}{' '}
        <span class='soft'>{visible(after ?? '')}</span>
      </p>
    </li>
  )
}
