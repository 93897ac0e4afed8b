import type { Act } from '../../schemas/parts.ts'
import { visible } from '../lib/visible.ts'
import { Ago } from './time.tsx'

/** What people did to a thing, the last one first. */
export function Acts ({ acts }: { acts: Act[] }) {
  return (
    <>
      {acts.toReversed().map((act) => (
        <div key={`${act.at} ${act.act}`}>
          {act.act} <By act={act} />
        </div>
      ))}
    </>
  )
}

/** Who has paused a thing, when and why; nothing where nobody is known. */
export function PausedBy ({ acts = [] }: { acts?: Act[] | undefined }) {
  const last = acts.findLast(({ act }) => act === 'pause')
  return last === undefined ? null : <span class='soft'><By act={last} /></span>
}

function By ({ act: { by, at, note } }: { act: Act }) {
  return (
    <>
      by {visible(by)}, <Ago at={at} />
      {note !== undefined && `: ${visible(note)}`}
    </>
  )
}
