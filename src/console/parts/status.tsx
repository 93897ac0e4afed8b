import { shownAs } from '../lib/status.ts'

export function Status ({ of }: { of: string }) {
  const { mark, word, tone } = shownAs(of)
  return (
    <span class={`status ${tone}`}>
      <span class='mark' aria-hidden='true'>
        {mark}
      </span>
      {word}
    </span>
  )
}

/** The mark alone, where the word stands beside it or would not fit; its name is the word. */
export function Mark ({ of }: { of: string }) {
  const { mark, word, tone } = shownAs(of)
  return (
    <span class={`mark ${tone}`} role='img' aria-label={word} title={word}>
      {mark}
    </span>
  )
}
