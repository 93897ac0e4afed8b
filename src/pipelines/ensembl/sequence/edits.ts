/** Letters `start`..`end` (1-based) of a sequence become `letters`; `end = start - 1` inserts. */
export type Edit = { start: number, end: number, letters: string }

/**
 * An edit as Ensembl's attributes have it, `start end letters`, where nothing may stand for the letters. Undefined
 * for any other text.
 */
export function parseEdit (text: string): Edit | undefined {
  const [, start, end, letters = ''] = /^\s*(\d+)\s+(\d+)(?:\s+([A-Za-z*]*))?\s*$/.exec(text) ?? []
  const edit = { start: Number(start), end: Number(end), letters }
  return start === undefined || edit.start < 1 || edit.end < edit.start - 1 ? undefined : edit
}

/** The highest first, so that no edit moves the place of another; of two at one place the first given comes first. */
export function highestFirst (edits: readonly Edit[]): Edit[] {
  return [...edits].sort((one, other) => other.start - one.start)
}

/** What lies wholly beyond the end is left out. */
export function applyEdits (sequence: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return sequence
  const text = highestFirst(edits.filter(({ start }) => start <= sequence.length + 1)).reduce(
    (edited, { start, end, letters }) => edited.slice(0, start - 1) + letters + edited.slice(end),
    sequence.toString('latin1')
  )
  return Buffer.from(text, 'latin1')
}
