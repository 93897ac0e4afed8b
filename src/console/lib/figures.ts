import type { Stats } from '../../schemas/stats.ts'
import { clock, day, length } from './time.ts'

/** One column of a plot: what it is made of, from below, and what it says in words. */
export type Column = { at: string, parts: Array<{ tone: string, value: number }>, said: string }

type Step = Stats['steps'][number]

const when = ({ at }: Step): string => `${day(at)} ${clock(at)}`

/** How many jobs ended how, step by step. */
export const outcomeColumns = ({ steps }: Stats): Column[] =>
  steps.map((step) => {
    const { complete, failed, cancelled, absorbed } = step.jobs
    const others = cancelled + absorbed
    const rest = others > 0 ? `, ${others} cancelled or absorbed` : ''
    return {
      at: step.at,
      parts: [
        { tone: 'bad', value: failed },
        { tone: 'good', value: complete },
        { tone: 'off', value: others }
      ],
      said: `${when(step)}: ${complete} complete, ${failed} failed${rest}`
    }
  })

/** How many events came, step by step. */
export const eventColumns = ({ steps }: Stats): Column[] =>
  steps.map((step) => ({
    at: step.at,
    parts: [{ tone: 'busy', value: step.events }],
    said: `${when(step)}: ${step.events} events`
  }))

/** How long jobs ran or waited: half of them, and 95 of 100. */
export const timeColumns = ({ steps }: Stats, of: 'run' | 'wait'): Column[] =>
  steps.map((step) => {
    const { p50, p95 } = step[of]
    const [half, most] = [p50 ?? 0, p95 ?? 0]
    const words = p95 === null ? 'none' : `half within ${length(half)}, 95 of 100 within ${length(most)}`
    return {
      at: step.at,
      parts: [
        { tone: 'busy', value: half },
        { tone: 'pale', value: most - half }
      ],
      said: `${when(step)}: ${words}`
    }
  })

/** Half, and 95 of 100, in words. */
export const spread = ({ p50, p95 }: { p50: number | null, p95: number | null }): string =>
  p50 === null || p95 === null ? '' : p50 === p95 ? length(p50) : `${length(p50)}, ${length(p95)}`
