import type { StepView } from '../../../schemas/steps.ts'
import type { Axis } from '../../lib/axis.ts'
import { shownAs } from '../../lib/status.ts'
import { now } from '../../lib/time.ts'
import { visible } from '../../lib/visible.ts'
import { toldOf } from '../job/steps.tsx'

/** The steps of a job below its bar, on the same axis. */
export function StepBars ({ steps, axis }: { steps: StepView[], axis: Axis }) {
  return (
    <ol class='step-bars'>
      {steps.map((step, i) => (
        <Bar key={i} step={step} axis={axis} />
      ))}
    </ol>
  )
}

function Bar ({ step, axis }: { step: StepView, axis: Axis }) {
  const { name, status, started, ended } = step
  const { word, tone, mark } = shownAs(status)
  const from = Date.parse(started)
  const to = ended === null ? (status === 'running' ? now.value : from) : Date.parse(ended)
  const left = axis.at(from)
  const said = `${word}, ${toldOf(step)}`
  return (
    <li title={said}>
      <span class='cut'>
        <span aria-hidden='true'>{mark}</span> {visible(name)}
      </span>
      <span class='track thin'>
        <i class={`run-bar ${tone}`} style={{ left: `${left}%`, width: `max(2px, ${axis.at(to) - left}%)` }} />
        <span class='hidden'>{said}</span>
      </span>
    </li>
  )
}
