import { useLoad } from '../../lib/load.ts'
import { done, copy } from '../../lib/notice.ts'
import { toJob } from '../../lib/router.ts'
import { api } from '../../lib/session.ts'
import { hasEnded } from '../../lib/status.ts'
import { length, now, took } from '../../lib/time.ts'
import { visible } from '../../lib/visible.ts'
import type { JobView } from '../../../schemas/jobs.ts'
import { Action } from '../../parts/action.tsx'
import { Shown } from '../../parts/shown.tsx'
import { Status } from '../../parts/status.tsx'
import { Long, Value } from '../../parts/text.tsx'
import { Artefacts } from './artefacts.tsx'
import { Attempts } from './attempts.tsx'
import { DismissAction, HandledNote, TakenOver } from './dismiss.tsx'
import { Facts } from './facts.tsx'
import { Files } from './files.tsx'
import { Log } from './log.tsx'
import { Steps } from './steps.tsx'

type Props = { process: string, id: string, version?: string, changed?: () => void, isPage?: boolean }

const LOOK_MS = 2000
const ENDED_MS = 15_000

/** One job: why it stands where it stands first, then its log, and all that belongs to it. */
export function JobPanel ({ process, id, version = '', changed = () => {}, isPage = false }: Props) {
  const job = useLoad(`${process} ${id} ${version}`, (signal) => api().getJob(process, id, { signal }), {
    everyMs: hasEnded(version) ? ENDED_MS : LOOK_MS
  })
  const reload = (): void => {
    job.reload()
    changed()
  }
  return (
    <section class='panel job' aria-label={`Job ${process}`}>
      <Shown load={job}>{(data) => <Job job={data} reload={reload} isPage={isPage} />}</Shown>
    </section>
  )
}

function Job ({ job, reload, isPage }: { job: JobView, reload: () => void, isPage: boolean }) {
  const { process, id, status, attempts, worker, timestamps, output } = job
  return (
    <>
      <header>
        <h3>{process}</h3>
        <Status of={status} />
        <span class='soft'>
          attempt {attempts.made} of {attempts.max}
        </span>
        {worker.host !== null && (
          <span class='soft'>
            on {visible(worker.host)} {worker.version}
          </span>
        )}
        <span class='soft'>{took(timestamps)}</span>
        <TakenOver times={job.taken_over} />
        <JobActions job={job} reload={reload} />
      </header>
      <div class='pad job-body'>
        <Why job={job} />
        <HandledNote job={job} reload={reload} />
        <Steps steps={job.steps} />
        <Artefacts artefacts={job.artefacts} />
        <Log process={process} id={id} isOver={hasEnded(status)} />
        <div class='two'>
          <div>
            <h2>Input</h2>
            <Value of={job.input} />
          </div>
          <div>
            <h2>Output</h2>
            {output === null || output === undefined
              ? (
                <p class='soft'>None{hasEnded(status) ? '' : ' yet'}.</p>
                )
              : (
                <Value of={output} />
                )}
          </div>
        </div>
        <div class='two'>
          <div>
            <h2>Where it stands</h2>
            <Facts job={job} isPage={isPage} />
          </div>
          <div>
            <h2>Attempts</h2>
            <Attempts job={job} />
          </div>
        </div>
        <Files process={process} id={id} status={status} />
      </div>
    </>
  )
}

function JobActions ({ job, reload }: { job: JobView, reload: () => void }) {
  const { process, id, status } = job
  const mayRetry = status === 'failed' || status === 'cancelled'
  const retry = async (): Promise<void> => {
    await api().retryJob(process, id)
    done(`${process} runs again`)
    reload()
  }
  const cancel = async (): Promise<void> => {
    const { status: left } = await api().cancelJob(process, id)
    done(left === 'running' ? `${process} was told to stop` : `${process} is cancelled`)
    reload()
  }
  return (
    <span class='row spring'>
      <Action
        scope='operate'
        tone={mayRetry ? 'main' : 'plain'}
        run={retry}
        unless={mayRetry ? undefined : 'Only what failed or was cancelled can be retried.'}
      >
        Retry
      </Action>
      <DismissAction job={job} reload={reload} />
      <Action scope='operate' tone='danger' run={cancel} unless={hasEnded(status) ? 'It has ended.' : undefined}>
        Cancel
      </Action>
      <button
        type='button'
        class='quiet'
        onClick={() => {
          void copy(location.origin + toJob(process, id), 'Link')
        }}
      >
        Copy link
      </button>
    </span>
  )
}

/** The reason, the wait or the progress: what is asked first. */
function Why ({
  job: { status, reason, waiting_for: waits, progress, timestamps, absorbed_by: absorbedBy, process }
}: {
  job: JobView
}) {
  if (status === 'absorbed' && absorbedBy !== null) {
    return (
      <p class='note'>
        Its work is done by <a href={toJob(process, absorbedBy)}>{absorbedBy}</a>.
      </p>
    )
  }
  const since = timestamps.submitted === null ? 0 : now.value - Date.parse(timestamps.submitted)
  return (
    <>
      {reason !== null && (
        <p class={status === 'failed' ? 'note bad reason' : 'note warn reason'}>
          <strong>{status === 'failed' ? 'Reason' : 'Its last attempt failed'}</strong> <Long text={reason} />
        </p>
      )}
      {waits !== null && (
        <p class='note warn reason'>
          <strong>Waits for</strong> {visible(waits)}
          {since > 0 && <small> ({length(since)} by now)</small>}
        </p>
      )}
      {status === 'running' && progress?.total !== undefined && (
        <p>
          <progress max={progress.total} value={progress.complete} aria-label='Progress' />{' '}
          {progress.complete.toLocaleString('en')} of {progress.total.toLocaleString('en')} {progress.message}
        </p>
      )}
    </>
  )
}
