/** The titles of roles that web pages know, and the phrases that plainly mean one of them. */
export const ROLE_PHRASES: Readonly<Record<string, readonly string[]>> = {
  Councilmember: [
    'councilmember',
    'council member',
    'councilman',
    'councilwoman',
    'councilperson',
    'councillor',
    'councilor',
    'city councilmember',
    'city council member',
    'alderman',
    'alderwoman',
    'alderperson',
    'alder'
  ],
  'Council President': ['council president', 'city council president', 'president of the council', 'president'],
  'Vice President': ['vice president', 'council vice president', 'vice president of the council'],
  Chair: [
    'chair',
    'chairman',
    'chairwoman',
    'chairperson',
    'chair person',
    'committee chair',
    'board chair',
    'policy chair'
  ],
  'Vice Chair': [
    'vice chair',
    'vicechair',
    'vice chairman',
    'vice chairwoman',
    'vice chairperson',
    'committee vice chair',
    'board vice chair'
  ],
  Alternate: ['alternate', 'alternate member'],
  Member: [
    'member',
    'boardmember',
    'board member',
    'committee member',
    'commission member',
    'commissioner',
    'trustee'
  ],
  Supervisor: ['supervisor', 'county supervisor'],
  Secretary: ['secretary', 'board secretary', 'committee secretary']
}
