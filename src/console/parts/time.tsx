import { absolute, relative } from '../lib/time.ts'

/** A time as the reader feels it, and as it is for whoever points at it. */
export function Ago ({ at }: { at: string | number | null | undefined }) {
  if (at === null || at === undefined) return <span class='none'>–</span>
  return (
    <time dateTime={new Date(at).toISOString()} title={absolute(at)}>
      {relative(at)}
    </time>
  )
}
