import type { StepView } from '../../../schemas/steps.ts'
import { length, now } from '../../lib/time.ts'
import { beginning, visible } from '../../lib/visible.ts'
import { Mark } from '../../parts/status.tsx'
import { Reason } from '../../parts/text.tsx'

/** The steps of a job over all its attempts, in their order. */
export function Steps ({ steps = [] }: { steps?: StepView[] | undefined }) {
  if (steps.length === 0) return null
  return (
    <section>
      <h2>Steps</h2>
      <ol class='steps'>
        {steps.map((step, i) => (
          <Line key={i} step={step} before={steps[i - 1]} />
        ))}
      </ol>
    </section>
  )
}

function Line ({ step, before }: { step: StepView, before: StepView | undefined }) {
  const { name, status, round, attempt, progress, reason } = step
  const isFirst = before !== undefined && (before.attempt !== attempt || before.round !== round)
  return (
    <>
      {isFirst && (
        <li class='soft'>
          {round > 0 && `retry ${round}, `}attempt {attempt}
        </li>
      )}
      <li>
        <Mark of={status} /> <span>{visible(name)}</span>
        <span class='soft'>{toldOf(step)}</span>
        {status === 'running' && progress?.total !== undefined && (
          <progress max={progress.total} value={progress.complete} aria-label={`Progress of ${visible(name)}`} />
        )}
        {reason !== null && <Reason text={reason} />}
      </li>
    </>
  )
}

/** How long it took, its tries and its counts. */
export function toldOf ({ status, started, ended, tries, counts, progress }: StepView): string {
  const end = ended === null ? (status === 'running' ? now.value : undefined) : Date.parse(ended)
  return [
    status === 'reused' || end === undefined ? status : length(end - Date.parse(started)),
    tries > 1 ? `${tries} tries` : '',
    status === 'running' && progress?.message !== undefined ? beginning(progress.message, 100) : '',
    ...Object.entries(counts).map(([name, count]) => `${count.toLocaleString('en')} ${visible(name)}`)
  ]
    .filter((part) => part !== '')
    .join(', ')
}
