import { visible } from '../../lib/visible.ts'
import { useTitle } from '../../parts/frame.tsx'
import { JobPanel } from './panel.tsx'

/** A job on a page of its own. */
export function JobPage ({ process, id }: { process: string, id: string }) {
  useTitle(`${process} ${id}`)
  return (
    <>
      <h1>Job of {visible(process)}</h1>
      <JobPanel process={process} id={id} isPage />
    </>
  )
}
