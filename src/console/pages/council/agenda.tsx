import { visible } from '../../lib/visible.ts'
import { Empty } from '../../parts/shown.tsx'
import { clockOf, type Item, type Vote } from './answers.ts'

type Props = { items: Item[], session: number | undefined, seek: (second: number) => void }

/** The items of the record: where they are taken up, what was decided, and who voted how. */
export function Agenda ({ items, session, seek }: Props) {
  return (
    <section class='panel' aria-label='Agenda'>
      <h2>Agenda</h2>
      {items.length === 0
        ? <Empty>The record names no items.</Empty>
        : (
          <ol class='agenda'>
            {items.map((item, i) => <Row key={i} item={item} session={session} seek={seek} />)}
          </ol>
          )}
    </section>
  )
}

function Row ({ item, session, seek }: { item: Item } & Omit<Props, 'items'>) {
  const { name, description, decision, votes, start_time: start, session_index: index } = item
  return (
    <li>
      <p class='row'>
        <strong>{visible(name)}</strong>
        {decision !== null && <span class={decision === 'Passed' ? 'pill good' : 'pill'}>{visible(decision)}</span>}
        {start !== null && index === session && (
          <button type='button' class='quiet' onClick={() => { seek(start) }}>at {clockOf(start)}</button>
        )}
        {start !== null && index !== null && index !== session && <span class='soft'>in session {index + 1}</span>}
      </p>
      {description !== null && description !== name && <p class='soft'>{visible(description)}</p>}
      {votes.length > 0 && <Votes of={votes} />}
    </li>
  )
}

function Votes ({ of }: { of: Vote[] }) {
  const kinds = [...new Set(of.map(({ decision }) => decision))]
  return (
    <details>
      <summary>
        {kinds.map((kind) => `${of.filter(({ decision }) => decision === kind).length} ${visible(kind)}`).join(', ')}
      </summary>
      <ul>
        {of.map(({ person, decision }) => <li key={person}>{visible(person)}: {visible(decision)}</li>)}
      </ul>
    </details>
  )
}
