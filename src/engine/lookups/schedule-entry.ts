import { Ajv } from 'ajv'
import { Type, type Static } from 'typebox'
import { DurationSchema } from '../../base/duration.ts'
import { readEvent } from '../../base/event.ts'
import { patternProblem } from '../../base/ticks.ts'
import { isZone } from '../../base/zone.ts'

export const SCHEDULE_FILE = 'schedule_lookup.json'

const NAME = '^[A-Za-z_][A-Za-z0-9_.-]{0,99}$'
const text = (description: string) => Type.String({ minLength: 1, maxLength: 256, description })

/** `"nightly": { "type": "…", "cron": "0 6 * * *", "timezone": "Europe/Zurich" }` */
export const ScheduleEntrySchema = Type.Object(
  {
    type: text('The event type of its events'),
    cron: Type.Optional(text('A cron expression with five fields, or six, the first of them seconds')),
    every: Type.Optional(DurationSchema),
    timezone: Type.Optional(text('IANA name of the zone in which cron is read; UTC by default')),
    subject: Type.Optional(text('What its events are about')),
    source: Type.Optional(text('Source of its events; /schedules/NAME by default')),
    data: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'Data of its events, which also get `tick`' })
    ),
    paused: Type.Optional(Type.Boolean({ description: 'Makes no events until somebody resumes it' })),
    description: Type.Optional(text('For people'))
  },
  { additionalProperties: false }
)

export type ScheduleEntry = Omit<Static<typeof ScheduleEntrySchema>, 'timezone' | 'paused'> & {
  name: string
  timezone: string
  paused: boolean
  /** As ticks.ts reads it. */ pattern: string
}

/** What of an entry may come from the environment and is named in what is wrong with it. */
const NAMED = ['cron', 'every', 'timezone', 'subject']

type Reading = {
  eventTypes: { has: (type: string) => boolean }
  /** `NAME/field` → the variable of the environment that it comes from. */
  variables: ReadonlyMap<string, string>
  problems: string[]
  /** What is meant so, and worth a line. */
  remarks: string[]
}

/**
 * The schedules of the file; what is wrong with it is added to `problems`. One whose time is to
 * come from a variable that is not set is none.
 */
export function readSchedules (
  file: unknown,
  { eventTypes, variables, problems, remarks }: Reading
): Map<string, ScheduleEntry> {
  const schedules = new Map<string, ScheduleEntry>()
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    problems.push(`${SCHEDULE_FILE}: the file must be object`)
    return schedules
  }
  const validate = new Ajv({ allErrors: true, strict: false }).compile(ScheduleEntrySchema)
  for (const [name, entry] of Object.entries(file)) {
    const unset = ['cron', 'every'].flatMap((field) =>
      entry?.[field] === undefined ? (variables.get(`${name}/${field}`) ?? []) : []
    )
    if (unset.length > 0) {
      remarks.push(`${SCHEDULE_FILE}: ${name}: there is no such schedule, because ${unset.join(' and ')} is not set`)
      continue
    }
    const found = validate(entry)
      ? entryProblems(name, entry as Static<typeof ScheduleEntrySchema>, eventTypes)
      : (validate.errors ?? []).map(({ instancePath, message, params }) =>
          `${instancePath.slice(1)} ${message}${'additionalProperty' in params ? `: ${String(params['additionalProperty'])}` : ''}`.trim()
        )
    problems.push(...found.map((problem) => `${SCHEDULE_FILE}: ${name}: ${problem}${behind(name, problem)}`))
    if (found.length === 0) schedules.set(name, toEntry(name, entry as Static<typeof ScheduleEntrySchema>))
  }
  return schedules

  function behind (name: string, problem: string): string {
    const variable = variables.get(`${name}/${NAMED.find((field) => problem.startsWith(`${field} `)) ?? ''}`)
    return variable === undefined ? '' : ` (from ${variable})`
  }
}

function toEntry (
  name: string,
  { timezone = 'UTC', paused = false, ...entry }: Static<typeof ScheduleEntrySchema>
): ScheduleEntry {
  return { ...entry, name, timezone, paused, pattern: entry.cron ?? `every ${entry.every}` }
}

function entryProblems (
  name: string,
  entry: Static<typeof ScheduleEntrySchema>,
  eventTypes: { has: (type: string) => boolean }
): string[] {
  const problems: string[] = []
  const { type, cron, every, timezone = 'UTC' } = entry
  if (!new RegExp(NAME).test(name)) {
    problems.push('is no name for a schedule: letters, digits, _ . - only, and no digit first')
  }
  if (!eventTypes.has(type)) problems.push(`makes events of the type ${type}, which event_lookup.json does not list`)
  if ((cron === undefined) === (every === undefined)) problems.push('needs either cron or every')
  if (every !== undefined && entry.timezone !== undefined) problems.push('timezone goes with cron only')
  if (!isZone(timezone)) problems.push(`timezone ${JSON.stringify(timezone)} is not known`)
  if (problems.length > 0) return problems
  try {
    const { subject, source, data } = entry
    readEvent({ type, subject, source, data })
  } catch (error) {
    return [(error as Error).message]
  }
  const problem = patternProblem(toEntry(name, entry))
  return problem === undefined
    ? []
    : [`${cron === undefined ? 'every' : 'cron'} ${JSON.stringify(cron ?? every)} ${problem}`]
}
