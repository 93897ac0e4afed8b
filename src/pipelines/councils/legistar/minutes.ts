import { idOf, rows, textOf, type LegistarClient, type Row } from './client.ts'
import type { People } from './people.ts'
import { meaning, voteDecision, type Words } from './words.ts'

type Reading = { client: LegistarClient, people: People, words: Words, unknown: (kind: string, word: string) => void }

/** An item of the minutes, as the ingestion model has it; undefined where nothing names it. */
export async function readItem (item: Row, reading: Reading): Promise<Row | undefined> {
  const title = textOf(item, 'EventItemTitle')
  const votes = await readVotes(item, reading)
  const matter = await readMatter(item, title, votes.length > 0, reading)
  const name = (matter?.['name'] as string | undefined) ?? title
  if (name === null) return undefined
  return {
    minutes_item: { name, description: matter === null ? null : title, external_source_id: idOf(item, 'EventItemId') ?? null },
    index: Number.isInteger(item['EventItemMinutesSequence']) ? item['EventItemMinutesSequence'] : null,
    matter,
    decision: readWord(item, 'EventItemPassedFlagName', reading, 'decisions'),
    supporting_files: rows(item['EventItemMatterAttachments']).flatMap((file) => {
      const [fileName, uri] = [textOf(file, 'MatterAttachmentName'), textOf(file, 'MatterAttachmentHyperlink')]
      return fileName === null || uri === null ? [] : [{ name: fileName, uri, external_source_id: idOf(file, 'MatterAttachmentId') ?? null }]
    }),
    votes
  }
}

function readWord (item: Row, field: string, { words, unknown }: Reading, kind: 'decisions' | 'statuses'): string | null {
  const text = textOf(item, field)
  if (text === null) return null
  const found = meaning(text, words[kind])
  if (found === undefined) unknown(field, text)
  return found ?? null
}

/** Without a name, a type or a title there is no matter: the model demands all three. */
async function readMatter (item: Row, title: string | null, hasVotes: boolean, reading: Reading): Promise<Row | null> {
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
    sponsors: id === undefined ? [] : await readSponsors(id, reading),
    external_source_id: id ?? null
  }
}

async function readSponsors (matter: number, { client, people }: Reading): Promise<Row[]> {
  const sponsors: Row[] = []
  for (const sponsor of rows(await client.get(`Matters/${matter}/Sponsors`))) {
    const id = idOf(sponsor, 'MatterSponsorNameId')
    const person = id === undefined ? null : await people.person(id)
    if (person !== null) sponsors.push(person)
  }
  return sponsors
}

/** A vote whose word is not known is left out and listed, never guessed. */
async function readVotes (item: Row, { client, people, words, unknown }: Reading): Promise<Row[]> {
  const id = idOf(item, 'EventItemId')
  if (id === undefined) return []
  const votes: Row[] = []
  for (const vote of rows(await client.get(`EventItems/${id}/Votes`))) {
    const word = textOf(vote, 'VoteValueName')
    const personId = idOf(vote, 'VotePersonId')
    if (word === null || personId === undefined) continue
    const decision = voteDecision(word, words.votes)
    if (decision === undefined) unknown('VoteValueName', word)
    const person = await people.person(personId) ?? nameOnly(textOf(vote, 'VotePersonName'), personId)
    if (decision !== undefined && person !== null) votes.push({ person, decision, external_source_id: idOf(vote, 'VoteId') ?? null })
  }
  return votes
}

const nameOnly = (name: string | null, id: number): Row | null => name === null ? null : { name, external_source_id: id }
