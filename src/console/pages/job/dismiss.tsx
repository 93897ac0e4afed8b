import { useState } from 'preact/hooks'
import type { JobView } from '../../../schemas/jobs.ts'
import { dismissNamed } from '../../lib/acting.ts'
import { done } from '../../lib/notice.ts'
import { api } from '../../lib/session.ts'
import { Action } from '../../parts/action.tsx'
import { Bulk } from '../../parts/bulk.tsx'
import { Handled } from '../../parts/handled.tsx'

type Props = { job: JobView, reload: () => void }

/** Takes a failure off the list of those that somebody has to look at, with a note. */
export function DismissAction ({ job: { process, id, status, dismissed, made_good_by: later }, reload }: Props) {
  const [isOpen, setOpen] = useState(false)
  if (status !== 'failed' || dismissed !== null || later !== null) return null
  return (
    <>
      <Action scope='operate' run={() => { setOpen(true) }}>
        Dismiss…
      </Action>
      {isOpen && (
        <Bulk
          title='Dismiss this failure'
          verb='Dismiss'
          act={dismissNamed([[process, id]])}
          asksWhy
          note='It stays failed and can be run again; nobody has to look at it any more.'
          close={() => {
            setOpen(false)
            reload()
          }}
        />
      )}
    </>
  )
}

/** Why nobody has to look at it any more, and the way back. */
export function HandledNote ({ job, reload }: Props) {
  const { process, id, dismissed, made_good_by: later } = job
  if (dismissed === null && later === null) return null
  const restore = async (): Promise<void> => {
    await api().restoreJob(process, id)
    done('It is on the list of failures again')
    reload()
  }
  return (
    <p class='row'>
      <Handled job={job} />
      {dismissed !== null && (
        <Action scope='operate' run={restore}>
          Back on the list
        </Action>
      )}
    </p>
  )
}

/** That it is begun again is no fault of the job. */
export function TakenOver ({ times }: { times: number }) {
  if (times === 0) return null
  return (
    <span class='pill wait'>
      worker lost{times > 1 && ` ${times} times`}, begun again by another
    </span>
  )
}
