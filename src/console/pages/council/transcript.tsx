import { useEffect, useRef, useState } from 'preact/hooks'
import { useLoad } from '../../lib/load.ts'
import { visible } from '../../lib/visible.ts'
import { Empty, Shown } from '../../parts/shown.tsx'
import { clockOf, readTranscript, type Sentence } from './answers.ts'

type Props = { id: string, session: number, second: number, seek: (second: number) => void }

/** What is said, with the sentence of now marked and in sight. A sentence brings the video to its second. */
export function Transcript ({ id, session, second, seek }: Props) {
  const load = useLoad(`transcript ${id} ${session}`, async () => await readTranscript(id, session))
  const [follows, setFollows] = useState(true)
  return (
    <section class='panel' aria-label='Transcript'>
      <header>
        <h2>Transcript</h2>
        <label class='spring'>
          <input
            type='checkbox'
            checked={follows}
            onChange={(event) => { setFollows(event.currentTarget.checked) }}
          />{' '}
          follows the video
        </label>
      </header>
      <Shown load={load}>
        {(sentences) => sentences.length === 0
          ? <Empty>Nothing was said.</Empty>
          : <Sentences of={sentences} second={second} follows={follows} seek={seek} />}
      </Shown>
    </section>
  )
}

type List = { of: Sentence[], second: number, follows: boolean, seek: (second: number) => void }

function Sentences ({ of, second, follows, seek }: List) {
  const box = useRef<HTMLOListElement>(null)
  const now = placeAt(of, second)
  useEffect(() => {
    const line = box.current?.children[now]
    if (!follows || box.current === null || !(line instanceof HTMLElement)) return
    // Only the list moves, never the page under the reader.
    box.current.scrollTop = line.offsetTop - box.current.clientHeight / 3
  }, [now, follows])
  return (
    <ol class='said' ref={box} tabIndex={0} aria-label='Sentences'>
      {of.map(({ index, start_time: start, text, speaker_name: speaker }, i) => (
        <li key={index} aria-current={i === now ? 'true' : undefined}>
          <button type='button' class='quiet' onClick={() => { seek(start) }}>{clockOf(start)}</button>
          <span>
            {turnOf(speaker, of[i - 1])}
            {visible(text)}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** The name of who speaks, where somebody else did before. */
function turnOf (speaker: string | null | undefined, before: Sentence | undefined) {
  if (speaker === null || speaker === undefined || speaker === before?.speaker_name) return null
  return <b>{visible(speaker)}: </b>
}

/** The last sentence that has begun. */
function placeAt (sentences: Sentence[], second: number): number {
  let [from, to] = [0, sentences.length - 1]
  while (from < to) {
    const middle = Math.ceil((from + to) / 2)
    if ((sentences[middle]?.start_time ?? 0) <= second + 0.25) from = middle
    else to = middle - 1
  }
  return from
}
