/** A button below a list that is drawn in part. */
export function ShowMore ({ words, run }: { words: string, run: () => void }) {
  return (
    <p class='pad'>
      <button type='button' onClick={run}>
        {words}
      </button>
    </p>
  )
}
