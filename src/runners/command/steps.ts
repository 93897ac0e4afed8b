import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { StepState } from '../../base/step-state.ts'
import type { GivenArtefact } from '../../sdk/steps/artefact.ts'
import type { StepReport, StepReports } from '../../sdk/steps/reports.ts'
import type { Line } from './lines.ts'

const STEP_MARK = 'SIGNALBOX_STEP '
/** Steps that may be open at once; a line that would open more goes to the log. */
const MOST_OPEN = 100
const ARTEFACT_MARK = 'SIGNALBOX_ARTEFACT '

const Name = Type.String({ minLength: 1 })
const StepLine = Compile(Type.Object({
  name: Name,
  state: Type.Optional(Type.Union([Type.Literal('running'), Type.Literal('complete'), Type.Literal('failed')])),
  counts: Type.Optional(Type.Record(Type.String(), Type.Number())),
  progress: Type.Optional(Type.Object({
    complete: Type.Number(),
    total: Type.Optional(Type.Number()),
    message: Type.Optional(Type.String())
  })),
  reason: Type.Optional(Type.String())
}))
const head = { name: Name, step: Type.Optional(Type.String()) }
const ArtefactLine = Compile(Type.Union([
  Type.Object({ ...head, table: Type.Array(Type.Record(Type.String(), Type.Unknown())) }),
  Type.Object({ ...head, link: Type.String() }),
  Type.Object({ ...head, markdown: Type.String() })
]))

/** Steps and artefacts that a program tells by lines of its output. */
export interface CommandSteps {
  /** Whether the line was one of them; any other goes to the log. */
  take: (line: Line) => boolean
  /** Ends what is still open with the program. */
  end: (state: StepState, reason?: string) => void
}

/** `SIGNALBOX_STEP {"name":"read"}` opens a step or tells more of it, `"state":"complete"` or `"failed"` ends it. */
export function createCommandSteps (reports: StepReports<GivenArtefact>): CommandSteps {
  const open = new Map<string, StepReport>()
  const tell = (report: StepReport): void => {
    if (report.state === 'running') open.set(report.name, report)
    else open.delete(report.name)
    void reports.step(report)
  }
  return {
    take: (line) => {
      const step = readLine(line, STEP_MARK)
      if (StepLine.Check(step)) {
        if (!open.has(step.name) && open.size === MOST_OPEN) return false
        const { state = 'running', ...told } = step
        tell({ ...open.get(step.name) ?? { place: reports.open(), tries: 1 }, ...told, state })
        return true
      }
      const artefact = readLine(line, ARTEFACT_MARK)
      if (!ArtefactLine.Check(artefact)) return false
      reports.artefact(artefact)
      return true
    },
    end: (state, reason) => { for (const report of [...open.values()]) tell({ ...report, state, reason }) }
  }
}

function readLine ({ text, cut }: Line, mark: string): unknown {
  if (cut || !text.startsWith(mark)) return undefined
  try {
    return JSON.parse(text.slice(mark.length))
  } catch {
    return undefined
  }
}
