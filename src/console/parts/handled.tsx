import type { JobView } from '../../schemas/jobs.ts'
import { toEvent } from '../lib/router.ts'
import { visible } from '../lib/visible.ts'
import { Ago } from './time.tsx'

/** Why nobody has to look at a failure any more; nothing where somebody has to. */
export function Handled ({ job: { made_good_by: later, dismissed } }: { job: JobView }) {
  if (later !== null) {
    return (
      <span class='pill good'>
        made good by <a href={toEvent(later)}>a later event</a>
      </span>
    )
  }
  if (dismissed === null) return null
  return (
    <span class='pill'>
      dismissed by {visible(dismissed.by)} <Ago at={dismissed.at} />
      {dismissed.note !== null && `: ${visible(dismissed.note)}`}
    </span>
  )
}
