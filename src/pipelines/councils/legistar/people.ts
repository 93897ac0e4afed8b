import { readMoment } from '../model/moment.ts'
import { addressOf, idOf, row, rows, textOf, type LegistarClient, type Row } from './client.ts'
import type { LegistarSettings } from './settings.ts'
import { meaning, type Words } from './words.ts'

/** Persons and bodies of a city, as the ingestion model has them; null where the API has none. */
export interface People {
  /** `name` is what is said beside the id, for a person that the API does not give. */
  person: (id: number, name?: string | null) => Promise<Row | null>
  body: (id: number | undefined, name: string | null) => Promise<Row | null>
}

/** What the reading of a city's meetings shares. */
export type Reading = {
  client: LegistarClient
  settings: LegistarSettings
  zone: string
  words: Words
  /** A word that is in no table. */
  unknown: (kind: string, word: string) => void
  /** The answer, or `otherwise` where it is not to be had for good; that is noted with what it belongs to. */
  ask: <T>(what: string, answer: Promise<T>, otherwise: T) => Promise<T>
}

export function createPeople (reading: Reading): People {
  const aliases = aliasesOf(reading.settings)
  const body = askBody.bind(null, reading)
  return {
    body,
    person: async (id, given = null) => {
      const { client, ask, settings } = reading
      const found = row(await ask(`person ${id}`, client.get(`Persons/${id}`), null))
      const said = (found === undefined ? null : textOf(found, 'PersonFullName')) ?? given
      if (said === null) return null
      const name = aliases.get(plain(said)) ?? said
      const { aliases: _others, ...known } = ownOf(settings.persons, name) ?? {}
      if (found === undefined) return { name, ...known, external_source_id: id }
      return {
        name,
        email: textOf(found, 'PersonEmail'),
        phone: textOf(found, 'PersonPhone'),
        website: addressOf(found, 'PersonWWW'),
        is_active: found['PersonActiveFlag'] === undefined ? null : isTrue(found['PersonActiveFlag']),
        external_source_id: id,
        ...known,
        seat: await askSeat(reading, body, id, name)
      }
    }
  }
}

async function askBody ({ client, ask }: Reading, id: number | undefined, name: string | null): Promise<Row | null> {
  const found = id === undefined ? undefined : row(await ask(`body ${id}`, client.get(`Bodies/${id}`), null))
  const title = (found === undefined ? null : textOf(found, 'BodyName')) ?? name
  if (title === null) return null
  const active = found?.['BodyActiveFlag']
  return { name: title, is_active: active === undefined ? null : isTrue(active), external_source_id: id ?? null }
}

async function askSeat (reading: Reading, body: People['body'], id: number, name: string): Promise<Row | null> {
  const { client, ask, settings } = reading
  const roles: Row[] = []
  for (const record of rows(
    await ask(`office records of person ${id}`, client.get(`Persons/${id}/OfficeRecords`), null)
  )) {
    const title = textOf(record, 'OfficeRecordTitle') ?? textOf(record, 'OfficeRecordMemberType')
    if (title !== null) roles.push(await toRole(reading, body, record, title))
  }
  const known = ownOf(settings.seats, name)
  if (known !== undefined) return { ...known, roles }
  const title = (roles[0]?.['body'] as Row | null | undefined)?.['name']
  return title === undefined ? null : { name: title, roles }
}

/** A title that is in no table is kept as it is, and listed. */
async function toRole (
  { words, unknown, zone }: Reading,
  body: People['body'],
  record: Row,
  said: string
): Promise<Row> {
  const title = meaning(said, words.roles)
  if (title === undefined) unknown('OfficeRecordTitle', said)
  const day = (field: string): number | null => readMoment(textOf(record, field) ?? '', zone) ?? null
  return {
    title: title ?? said,
    body: await body(idOf(record, 'OfficeRecordBodyId'), textOf(record, 'OfficeRecordBodyName')),
    start_datetime: day('OfficeRecordStartDate'),
    end_datetime: day('OfficeRecordEndDate'),
    external_source_id: idOf(record, 'OfficeRecordId') ?? null
  }
}

function aliasesOf ({ persons = {} }: LegistarSettings): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(persons).flatMap(([name, { aliases = [] }]) =>
      aliases.map((alias) => [plain(alias), name] as const)
    )
  )
}

/** A name comes from others: it may be one that every object has. */
function ownOf<T> (table: Record<string, T> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined
}

const plain = (name: string): string => name.toLowerCase().replace(/\s+/g, ' ').trim()
const isTrue = (flag: unknown): boolean => flag === 1 || flag === true
