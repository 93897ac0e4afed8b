import type { Entered, Ledger } from '../../ledger/contract.ts'
import type { SubjectProcess, SubjectView } from '../../schemas/subjects.ts'
import { readEvents } from '../dispatch/facts.ts'
import { readJobDocument } from '../documents/job.ts'
import { jobDoc, sets } from '../documents/names.ts'

/** What each process has last done for a subject. */
export interface Subjects {
  read: (subject: string) => Promise<SubjectView>
}

type Reads = Pick<Ledger, 'get' | 'list'>
type Ended = { process: string, job: string, event: string, at: number, isGood: boolean }

/** Events that are looked at, how many at once, and how long. */
const MOST = 5000
const PIECE = 200
const READ_MS = 2000

export const createSubjects = (ledger: Reads): Subjects => ({ read: readSubject.bind(null, ledger) })

/** From its latest events back: what the retention has removed is not known any more. */
async function readSubject (ledger: Reads, subject: string): Promise<SubjectView> {
  const last = new Map<string, Ended>()
  const end = Date.now() + READ_MS
  let after: Entered | undefined
  let events = 0
  do {
    const members = await ledger.list(sets.subject(subject), { after, limit: PIECE, reverse: true })
    for (const one of await endedOf(ledger, members.map(([, key]) => key))) {
      const name = `${one.process} ${String(one.isGood)}`
      if (one.at > (last.get(name)?.at ?? -1)) last.set(name, one)
    }
    events += members.length
    after = members.length < PIECE ? undefined : members.at(-1)
  } while (after !== undefined && events < MOST && Date.now() < end)
  return { subject, events, cut: after !== undefined, processes: toProcesses(last) }
}

async function endedOf (ledger: Reads, keys: string[]): Promise<Ended[]> {
  const found = await readEvents(ledger, keys)
  const jobs = found.flatMap((event, i) => event?.value.jobs.map((job) => ({ ...job, event: keys[i] ?? '' })) ?? [])
  const documents = jobs.length === 0 ? [] : await ledger.get(jobs.map(({ id }) => jobDoc(id)))
  return jobs.flatMap(({ process: processName, id, event }, i): Ended[] => {
    const { state, at = 0 } = readJobDocument(documents[i])?.value ?? {}
    if (state !== 'complete' && state !== 'failed') return []
    return [{ process: processName, job: id, event, at, isGood: state === 'complete' }]
  })
}

function toProcesses (last: Map<string, Ended>): SubjectProcess[] {
  const told = (name: string): SubjectProcess['last_success'] => {
    const found = last.get(name)
    return found === undefined ? null : { job: found.job, event: found.event, at: new Date(found.at).toISOString() }
  }
  const names = [...new Set([...last.values()].map((one) => one.process))].sort()
  return names.map((name) => ({
    process: name,
    last_success: told(`${name} true`),
    last_failure: told(`${name} false`)
  }))
}
