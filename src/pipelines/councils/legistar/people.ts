import { readMoment } from '../model/moment.ts'
import { idOf, row, rows, textOf, type LegistarClient, type Row } from './client.ts'
import type { LegistarSettings } from './settings.ts'

/** Persons and bodies of a city, as the ingestion model has them; null where the API has none. */
export interface People {
  person: (id: number) => Promise<Row | null>
  body: (id: number | undefined, name: string | null) => Promise<Row | null>
}

export function createPeople ({ get }: LegistarClient, settings: Pick<LegistarSettings, 'seats'>, zone: string): People {
  async function body (id: number | undefined, name: string | null): Promise<Row | null> {
    const found = id === undefined ? undefined : row(await get(`Bodies/${id}`))
    const title = (found === undefined ? null : textOf(found, 'BodyName')) ?? name
    if (title === null) return null
    return { name: title, is_active: found?.['BodyActiveFlag'] === undefined ? null : isTrue(found['BodyActiveFlag']), external_source_id: id ?? null }
  }

  const day = (record: Row, field: string): number | null => {
    const text = textOf(record, field)
    return text === null ? null : readMoment(text, zone) ?? null
  }

  async function seat (id: number, name: string): Promise<Row | null> {
    const records = rows(await get(`Persons/${id}/OfficeRecords`))
    const roles: Row[] = []
    for (const record of records) {
      const title = textOf(record, 'OfficeRecordTitle') ?? textOf(record, 'OfficeRecordMemberType')
      if (title === null) continue
      roles.push({
        title,
        body: await body(idOf(record, 'OfficeRecordBodyId'), textOf(record, 'OfficeRecordBodyName')),
        start_datetime: day(record, 'OfficeRecordStartDate'),
        end_datetime: day(record, 'OfficeRecordEndDate'),
        external_source_id: idOf(record, 'OfficeRecordId') ?? null
      })
    }
    const [first] = roles
    const known = settings.seats !== undefined && Object.hasOwn(settings.seats, name) ? settings.seats[name] : undefined
    if (known !== undefined) return { ...known, roles }
    const title = (first?.['body'] as Row | null | undefined)?.['name']
    return title === undefined ? null : { name: title, roles }
  }

  return {
    body,
    person: async (id) => {
      const found = row(await get(`Persons/${id}`))
      const name = found === undefined ? null : textOf(found, 'PersonFullName')
      if (found === undefined || name === null) return null
      return {
        name,
        email: textOf(found, 'PersonEmail'),
        phone: textOf(found, 'PersonPhone'),
        website: textOf(found, 'PersonWWW'),
        is_active: found['PersonActiveFlag'] === undefined ? null : isTrue(found['PersonActiveFlag']),
        external_source_id: id,
        seat: await seat(id, name)
      }
    }
  }
}

const isTrue = (flag: unknown): boolean => flag === 1 || flag === true
