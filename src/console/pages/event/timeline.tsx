import { useState } from 'preact/hooks'
import { axisOf, type Axis, type Span } from '../../lib/axis.ts'
import { jobsOf, type EventNode, type JobNode, type LiveEvent } from '../../lib/live-event.ts'
import { field, place, to } from '../../lib/router.ts'
import { shownAs } from '../../lib/status.ts'
import { length, now, seconds } from '../../lib/time.ts'
import { Empty } from '../../parts/shown.tsx'
import { Mark } from '../../parts/status.tsx'
import { ShowMore } from '../../parts/show-more.tsx'
import { StepBars } from './step-bars.tsx'

const STEP = 100

/** When each job waited and ran. What never happened for long is cut out of the axis. */
export function Timeline ({ live, top }: { live: LiveEvent, top: EventNode }) {
  const [most, setMost] = useState(STEP)
  void live.changes.value
  const jobs = jobsOf(top)
  if (jobs.length === 0) return <Empty>The event started no job.</Empty>
  const received = Date.parse(top.fields.value.received)
  const axis = axisOf(
    jobs.flatMap((job) => Object.values(spansOf(job, received)).filter((one) => one !== undefined))
  )
  return (
    <section class='panel' aria-label='Timeline'>
      <div class='row pad soft'>
        <span class='key'>
          <i class='wait-bar' /> waits
        </span>
        <span class='key'>
          <i class='gate-bar' /> at its gate
        </span>
        <span class='key'>
          <i class='run-bar busy' /> runs
        </span>
        <span class='key'>
          <i class='run-bar good' /> complete
        </span>
        <span class='key'>
          <i class='run-bar bad' /> failed
        </span>
        {axis.pieces.length > 1 && <span>⫽ nothing happened for long</span>}
      </div>
      <Ruler axis={axis} />
      <ol class='bars'>
        {jobs.slice(0, most).map((job) => (
          <Bar key={job.id} job={job} axis={axis} received={received} />
        ))}
      </ol>
      {jobs.length > most && (
        <ShowMore
          words={`Show more of ${jobs.length - most}`}
          run={() => {
            setMost(most + STEP)
          }}
        />
      )}
    </section>
  )
}

type Spans = { gate: Span | undefined, waits: Span | undefined, runs: Span | undefined }

/** At its gate, then on its queue, then under way. */
function spansOf ({ fields }: JobNode, received: number): Spans {
  const {
    timestamps: { submitted, gated, queued, started, ended }
  } = fields.value
  const from = submitted === null ? received : Date.parse(submitted)
  const end = ended === null ? now.value : Date.parse(ended)
  const begun = started === null ? end : Math.max(from, Date.parse(started))
  const lined =
    gated === null ? from : queued === null ? begun : Math.min(begun, Math.max(from, Date.parse(queued)))
  return {
    gate: lined > from ? { from, to: lined } : undefined,
    waits: begun > lined ? { from: lined, to: begun } : undefined,
    runs: started === null ? undefined : { from: begun, to: Math.max(begun, end) }
  }
}

function Ruler ({ axis }: { axis: Axis }) {
  return (
    <div class='ruler' aria-hidden='true'>
      <span />
      <div>
        {axis.pieces.map(({ from }, i) => (
          <span key={from} style={{ left: `${axis.at(from)}%` }}>
            {i > 0 && '⫽ '}
            {seconds(from)}
          </span>
        ))}
      </div>
    </div>
  )
}

function Bar ({ job, axis, received }: { job: JobNode, axis: Axis, received: number }) {
  const { process, status, waiting_for: waits, steps = [] } = job.fields.value
  const spans = spansOf(job, received)
  const [, id = ''] = place.value.path.slice(1).split('/')
  const href = to('events', [decodeURIComponent(id)], { ...Object.fromEntries(place.value.query), node: job.id })
  const { word, tone } = shownAs(status)
  const said = [
    spans.gate !== undefined && `at its gate ${length(spans.gate.to - spans.gate.from)}`,
    spans.waits !== undefined && `waited ${length(spans.waits.to - spans.waits.from)}`,
    spans.runs !== undefined && `ran ${length(spans.runs.to - spans.runs.from)}`
  ]
    .filter(Boolean)
    .join(', ')
  return (
    <li data-row>
      <a
        href={href}
        aria-current={field('node') === job.id ? 'true' : undefined}
        data-node='job'
        title={waits ?? said}
      >
        <span class='cut'>
          <Mark of={status} /> {process}
        </span>
        <span class='track'>
          <Piece axis={axis} span={spans.gate} tone='gate-bar' />
          <Piece axis={axis} span={spans.waits} tone='wait-bar' />
          <Piece axis={axis} span={spans.runs} tone={`run-bar ${tone}`} />
          <span class='hidden'>
            {word}, {said}
          </span>
        </span>
      </a>
      {steps.length > 0 && <StepBars steps={steps} axis={axis} />}
    </li>
  )
}

function Piece ({ axis, span, tone }: { axis: Axis, span: Span | undefined, tone: string }) {
  if (span === undefined) return null
  const left = axis.at(span.from)
  return <i class={tone} style={{ left: `${left}%`, width: `max(2px, ${axis.at(span.to) - left}%)` }} />
}
