import { addressOf, idOf, rows, textOf, type Row } from './client.ts'
import type { People, Reading } from './people.ts'
import { meaning, voteDecision } from './words.ts'

/**
 * An item of the minutes, as the ingestion model has it; undefined where nothing names it, or the
 * city leaves such items out.
 */
export async function readItem (item: Row, reading: Reading, people: People): Promise<Row | undefined> {
  const title = textOf(item, 'EventItemTitle')
  if (title !== null && isIgnored(title, reading)) return undefined
  const votes = await readVotes(item, reading, people)
  const matter = await readMatter(item, title, votes.length > 0, reading, people)
  const name = (matter?.['name'] as string | undefined) ?? title
  if (name === null) return undefined
  return {
    minutes_item: {
      name,
      description: matter === null ? null : title,
      external_source_id: idOf(item, 'EventItemId') ?? null
    },
    index: placeOf(item),
    matter,
    decision: readWord(item, 'EventItemPassedFlagName', reading, 'decisions'),
    supporting_files: rows(item['EventItemMatterAttachments']).flatMap(readFile),
    votes
  }
}

/** Where the minutes have no place for it, it has that of the agenda. */
function placeOf (item: Row): unknown {
  return [item['EventItemMinutesSequence'], item['EventItemAgendaSequence']].find(Number.isInteger) ?? null
}

const isIgnored = (title: string, { settings: { ignore_items: patterns = [] } }: Reading): boolean =>
  patterns.some((pattern) => new RegExp(pattern, 'iu').test(title))

function readFile (file: Row): Row[] {
  const [name, uri] = [textOf(file, 'MatterAttachmentName'), addressOf(file, 'MatterAttachmentHyperlink')]
  return name === null || uri === null
    ? []
    : [{ name, uri, external_source_id: idOf(file, 'MatterAttachmentId') ?? null }]
}

function readWord (
  item: Row,
  field: string,
  { words, unknown }: Reading,
  kind: 'decisions' | 'statuses'
): string | null {
  const text = textOf(item, field)
  if (text === null) return null
  const found = meaning(text, words[kind])
  if (found === undefined) unknown(field, text)
  return found ?? null
}

/** Without a name, a type or a title there is no matter: the model demands all three. */
async function readMatter (
  item: Row,
  title: string | null,
  hasVotes: boolean,
  reading: Reading,
  people: People
): Promise<Row | null> {
  const name = textOf(item, 'EventItemMatterName') ?? textOf(item, 'EventItemMatterFile')
  const type = textOf(item, 'EventItemMatterType')
  const long = title ?? textOf(item, 'EventItemMatterFile')
  if (name === null || type === null || long === null) return null
  const status = readWord(item, 'EventItemMatterStatus', reading, 'statuses')
  const id = idOf(item, 'EventItemMatterId')
  return {
    name,
    matter_type: type,
    title: long,
    result_status: status ?? (hasVotes && textOf(item, 'EventItemMatterStatus') !== null ? 'In Progress' : null),
    sponsors: id === undefined ? [] : await readSponsors(id, reading, people),
    external_source_id: id ?? null
  }
}

async function readSponsors (matter: number, { client, ask }: Reading, people: People): Promise<Row[]> {
  const sponsors: Row[] = []
  for (const sponsor of rows(
    await ask(`sponsors of matter ${matter}`, client.get(`Matters/${matter}/Sponsors`), null)
  )) {
    const id = idOf(sponsor, 'MatterSponsorNameId')
    const person = id === undefined ? null : await people.person(id)
    if (person !== null) sponsors.push(person)
  }
  return sponsors
}

/** A vote whose word is not known is left out and listed, never guessed. */
async function readVotes (item: Row, { client, words, unknown, ask }: Reading, people: People): Promise<Row[]> {
  const id = idOf(item, 'EventItemId')
  if (id === undefined) return []
  const votes: Row[] = []
  for (const vote of rows(await ask(`votes of item ${id}`, client.get(`EventItems/${id}/Votes`), null))) {
    const word = textOf(vote, 'VoteValueName')
    const personId = idOf(vote, 'VotePersonId')
    if (word === null || personId === undefined) continue
    const decision = voteDecision(word, words.votes)
    if (decision === undefined) unknown('VoteValueName', word)
    const person = await people.person(personId, textOf(vote, 'VotePersonName'))
    if (decision !== undefined && person !== null) {
      votes.push({ person, decision, external_source_id: idOf(vote, 'VoteId') ?? null })
    }
  }
  return votes
}
