import { useState } from 'preact/hooks'
import { useLoad } from '../../lib/load.ts'
import { Empty, Shown } from '../../parts/shown.tsx'
import { search } from './answers.ts'
import { Moment } from './council.tsx'

/** Looks for words in this meeting alone. */
export function Within ({ id }: { id: string }) {
  const [query, setQuery] = useState('')
  return (
    <section class='panel' aria-label='In this meeting'>
      <form
        class='bar pad'
        role='search'
        aria-label='In this meeting'
        onSubmit={(event) => {
          event.preventDefault()
          setQuery(String(new FormData(event.currentTarget).get('q') ?? '').trim())
        }}
      >
        <label>In this meeting<input name='q' type='search' maxLength={200} /></label>
        <button>Search</button>
      </form>
      {query !== '' && <Found id={id} query={query} />}
    </section>
  )
}

function Found ({ id, query }: { id: string, query: string }) {
  const load = useLoad(`within ${id} ${query}`, async () => await search({ q: query, within: id }))
  return (
    <Shown load={load}>
      {({ hits: [hit] }) => {
        if (hit === undefined) return <Empty>Nothing of it was said here.</Empty>
        const moments = hit.moments.map((one) => <Moment key={one.sentence_index} meeting={id} of={one} />)
        return <ol class='moments'>{moments}</ol>
      }}
    </Shown>
  )
}
