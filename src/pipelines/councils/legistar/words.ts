import { ROLE_PHRASES } from '../model/role-titles.ts'

/** Category → the phrases that mean it. */
export type Table = Readonly<Record<string, readonly string[]>>
export type Words = { votes: Table, decisions: Table, statuses: Table, roles: Table }

export const WORDS: Words = {
  votes: {
    approve: [
      'approve',
      'approved',
      'approves',
      'favor',
      'favour',
      'in favor',
      'in favour',
      'yes',
      'aye',
      'ayes',
      'yea',
      'yeas'
    ],
    reject: [
      'reject',
      'rejected',
      'rejects',
      'oppose',
      'opposed',
      'opposes',
      'no',
      'nay',
      'nays',
      'disapprove',
      'disapproved',
      'disapproves',
      'not in favor',
      'not in favour',
      'not approve',
      'not approved'
    ],
    abstain: [
      'abstain',
      'abstained',
      'abstains',
      'abstention',
      'refuse',
      'refused',
      'refrain',
      'refrained',
      'recuse',
      'recused',
      'recusal'
    ],
    absent: ['absent', 'excused', 'not present', 'excused absence'],
    non_voting: ['nv', 'non-voting', 'nonvoting', 'non voting', 'not voting', 'did not vote', 'no vote']
  },
  decisions: {
    Passed: [
      'pass',
      'passed',
      'passes',
      'adopted',
      'approved',
      'confirmed',
      'carried',
      'motion carried',
      'motion passed'
    ],
    Failed: [
      'fail',
      'failed',
      'fails',
      'failed to pass',
      'not pass',
      'not passed',
      'not adopted',
      'not approved',
      'not confirmed',
      'disapproved',
      'rejected',
      'defeated',
      'motion failed'
    ]
  },
  statuses: {
    Adopted: ['approved', 'confirmed', 'passed', 'adopted', 'enacted', 'passed into law', 'final passage'],
    'In Progress': [
      'heard',
      'read',
      'ready',
      'filed',
      'held',
      'in committee',
      'in council',
      'agenda ready',
      'committee agenda ready',
      'full council agenda ready',
      'council agenda ready',
      'referred',
      'referred to committee',
      'introduced',
      'introduced and referred',
      'first reading',
      'second reading',
      'pending',
      'tabled',
      'postponed',
      'continued',
      'deferred',
      'consent agenda',
      'in progress',
      'public hearing',
      'unfinished business',
      'ready for introduction',
      'held in committee',
      'heard in committee'
    ],
    Rejected: [
      'rejected',
      'dropped',
      'failed',
      'failed to pass',
      'not approved',
      'not confirmed',
      'not passed',
      'not adopted',
      'disapproved',
      'defeated',
      'withdrawn',
      'vetoed',
      'denied',
      'died',
      'died in committee',
      'failed in committee',
      'rejected in committee',
      'withdrawn in committee',
      'dropped in committee',
      'motion failed',
      'killed',
      'expired'
    ]
  },
  roles: ROLE_PHRASES
}

/** What may stand beside any phrase and changes nothing of it. */
const BESIDE = [
  'as amended',
  'with amendments',
  'as presented',
  'unanimously',
  'at full council',
  'by full council',
  'by the full council',
  'by council',
  'by the council',
  'by mayor',
  'by the mayor',
  'on consent',
  'by consent'
]

/** More phrases for a city. One that stands elsewhere, too, means what the city says. */
export function withWords (table: Table, more: Record<string, readonly string[]> = {}): Table {
  const own = new Set(Object.values(more).flat().map(plain))
  const rest = Object.entries(table).map(
    ([category, phrases]) => [category, phrases.filter((one) => !own.has(plain(one)))] as const
  )
  const all = new Map<string, string[]>(rest.map(([category, phrases]) => [category, [...phrases]]))
  for (const [category, phrases] of Object.entries(more)) all.set(category, [...all.get(category) ?? [], ...phrases])
  return Object.fromEntries(all)
}

/**
 * The categories that a text means, all of whose words must belong to a phrase that is known. The longest phrases are
 * found first and taken out, so that `not in favor` is not `favor` as well. Undefined where a word is left that no
 * phrase explains.
 */
export function meanings (text: string, table: Table): Set<string> | undefined {
  const known = Object.entries(table).flatMap(([category, list]) =>
    list.map((one) => ({ category, words: plain(one) }))
  )
  const phrases = [...known, ...BESIDE.map((words) => ({ category: undefined, words }))].sort(
    (one, other) => other.words.length - one.words.length
  )
  let rest = plain(text)
  const found = new Set<string>()
  for (const { category, words } of phrases) {
    const left = rest.replace(phrase(words), ' | ')
    if (left !== rest && category !== undefined) found.add(category)
    rest = left
  }
  return found.size === 0 || /[\p{L}\p{N}]/u.test(rest) ? undefined : found
}

/** The one category that a text means. */
export function meaning (text: string, table: Table): string | undefined {
  const found = meanings(text, table)
  return found?.size === 1 ? [...found][0] : undefined
}

const KINDS: ReadonlyArray<readonly [string, string]> = [
  ['approve', 'Approve'],
  ['reject', 'Reject'],
  ['non_voting', 'Non-Voting']
]

/**
 * One of the eight decisions of a vote, or undefined. Absence and abstention that say nothing of
 * how they count do not count.
 */
export function voteDecision (text: string, table: Table): string | undefined {
  const found = meanings(text, table)
  if (found === undefined) return undefined
  const [first = ''] = found
  if (found.size === 1 && !(first in WORDS.votes)) return first
  const how = KINDS.filter(([category]) => found.has(category)).map(([, name]) => name)
  const away = ['abstain', 'absent'].filter((category) => found.has(category))
  if (how.length > 1 || away.length > 1 || found.size !== how.length + away.length) return undefined
  const [kind = 'Non-Voting'] = how
  if (away.length === 0) return kind === 'Non-Voting' ? undefined : kind
  return `${away[0] === 'abstain' ? 'Abstain' : 'Absent'} (${kind})`
}

/** Hyphens and white space count alike. */
const plain = (text: string): string => text.toLowerCase().replace(/[\s\u2010-\u2015-]+/gu, ' ').trim()

function phrase (words: string): RegExp {
  const escaped = words.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${escaped})(?![\\p{L}\\p{N}_])`, 'gu')
}
