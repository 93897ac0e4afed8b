import type { Entered, Ledger } from '../../ledger/contract.ts'
import { readJobs } from '../dispatch/facts.ts'
import type { Handled } from '../documents/job.ts'
import { sets } from '../documents/names.ts'
import type { Handling } from '../jobs/handling.ts'
import { findRemedies } from './made-good.ts'

const PAGE = 100

type Marking = {
  ledger: Pick<Ledger, 'get' | 'list' | 'count'>
  verbs: { handle: (job: string, handled: Omit<Handled, 'at'>) => Promise<Handling> }
}

/**
 * Takes failures off the list that a later event has made good, so that nobody reads past them again. Looks at one
 * page; answers where to go on. Harmless when repeated.
 */
export async function markMadeGood ({ ledger, verbs }: Marking, after?: Entered): Promise<Entered | undefined> {
  const page = await ledger.list(sets.failed, { after, limit: PAGE, reverse: true })
  const found = (await readJobs(ledger, page.map(([, id]) => id))).filter((one) => one?.document?.state === 'failed')
  const remedies = await findRemedies(ledger, found.filter((one) => one !== undefined))
  for (const [job, by] of remedies) await verbs.handle(job, { how: 'made_good', by })
  return page.length < PAGE ? undefined : page.at(-1)
}
