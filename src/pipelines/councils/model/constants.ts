/** The words that a stored document may have, as the web pages that read them know them. */
export const ITEM_DECISIONS: readonly string[] = ['Passed', 'Failed']
export const MATTER_STATUSES: readonly string[] = ['Adopted', 'Rejected', 'In Progress']
export const ROLE_TITLES: readonly string[] = [
  'Councilmember',
  'Council President',
  'Chair',
  'Vice Chair',
  'Alternate',
  'Member',
  'Supervisor',
  'Secretary',
  'Vice President'
]
export const VOTE_DECISIONS: readonly string[] = [
  'Approve',
  'Reject',
  'Abstain (Non-Voting)',
  'Abstain (Approve)',
  'Abstain (Reject)',
  'Absent (Non-Voting)',
  'Absent (Approve)',
  'Absent (Reject)'
]

export const isRouterString = (text: string): boolean => /^[a-z0-9-]+$/.test(text)
export const isEmail = (text: string): boolean =>
  text.length <= 254 && /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)*\.[^\s@.]{2,}$/u.test(text)

/** `M. Lorena González` → `m-lorena-gonzalez`; null where nothing of a name is left. */
export function routerStringOf (name: string): string | null {
  const made = name
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[^a-zA-Z0-9 -]/g, '')
    .replace(/ +/g, '-')
    .replace(/-$/, '')
    .toLowerCase()
  return made === '' ? null : made
}

/** Whether a vote went as the item did; null where it did not count. */
export function inMajority (vote: string, item: string): boolean | null {
  if (/^Approve|\(Approve\)/.test(vote)) return item === 'Passed'
  if (/^Reject|\(Reject\)/.test(vote)) return item === 'Failed'
  return null
}
