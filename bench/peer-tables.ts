import Table from 'cli-table3'
import type { PeerRound } from './peers.ts'
import { spreadOf } from './summary.ts'

const plain = { head: [], border: [], compact: true }

/** One line a subject: the middle of its rounds; in brackets the ratio of the first subject to it. */
export function toPeerTables (rounds: PeerRound[]): string {
  const subjects = [...new Set(rounds.map(({ subject }) => subject))]
  const middle = (subject: string, of: (round: PeerRound) => number | undefined): number =>
    spreadOf(rounds.filter((one) => one.subject === subject).map((one) => of(one) ?? NaN), 'high').median
  const cpu = ({ process, datastore }: { process?: number, datastore?: number }): number => (process ?? NaN) + (datastore ?? 0)
  const table = (head: string[], columns: Array<(round: PeerRound) => number | undefined>, ratios: number[]): string => {
    const made = new Table({ head: ['', ...head], style: plain })
    for (const subject of subjects) {
      made.push([subject, ...columns.map((of, i) => {
        const value = middle(subject, of)
        const text = Number.isNaN(value) ? '-' : value.toFixed(value < 20 ? 2 : 0)
        return ratios.includes(i) && subject !== subjects[0] ? `${text} (${(middle(subjects[0] ?? '', of) / value).toFixed(2)})` : text
      })])
    }
    return made.toString()
  }
  return [
    table(['accepted/s', 'p50 ms', 'p99 ms', 'CPU ms', 'commands', 'bytes waiting', 'done/s', 'CPU ms', 'commands', 'bytes ended', 'at 50/s: p50 ms', 'p99'], [
      ({ accept }) => accept.perSecond, ({ accept }) => accept.latency.p50, ({ accept }) => accept.latency.p99, ({ accept }) => cpu(accept.cpu),
      ({ accept }) => accept.commands, ({ accept }) => accept.bytes, ({ done }) => done.perSecond, ({ done }) => cpu(done.cpu),
      ({ done }) => done.commands, ({ done }) => done.bytes, ({ followOn }) => followOn.p50, ({ followOn }) => followOn.p99
    ], [0, 3, 6, 7, 10]),
    table(['without HTTP: added/s', 'CPU ms', 'drained/s', 'CPU ms'], [
      ({ added }) => added.perSecond, ({ added }) => cpu(added.cpu), ({ drained }) => drained.perSecond, ({ drained }) => cpu(drained.cpu)
    ], [0, 1, 2, 3])
  ].join('\n\n')
}
