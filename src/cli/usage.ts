import type { Shipped } from '../sdk/pipeline.ts'
import { COMMANDS } from './command-list.ts'
import { EXIT_CODES } from './exit-code.ts'
import { listedQuery } from './query.ts'

const ROLES = `Serve:
  init      writes a first project into this folder: lookups, a process and its test
  start     all roles in one process: all you need on one machine
  api       takes events, answers questions
  worker    runs the processes
  results   settles results, closes events
  migrate   brings the datastore up to date
  backup FILE   writes what the datastore holds into a file
  restore FILE  brings back what backup has written
  forget_blocks  removes all blocks, for one who has lost their key
  keys new NAME --scopes LIST  makes a key for SIGNALBOX_KEYS
  check     checks configuration and lookups, and tells what each event starts
  doctor    looks at what a service needs, and says what to do

  signalbox COMMAND --help tells more.

  --backend URL       pglite:FOLDER, postgres://… or redis://… (SIGNALBOX_BACKEND)
  --host ADDRESS      to listen on (HOST)
  --port NUMBER       to listen on, 0 takes a free one (PORT)
  --lookups FOLDER    of event_lookup.json, process_lookup.json, schedule_lookup.json (SIGNALBOX_LOOKUPS)
  --processes NAMES   those that this worker serves, comma-separated (SIGNALBOX_PROCESSES)
`

const ENVIRONMENT = `Environment:
  SIGNALBOX_URL       the service that client commands talk to (http://127.0.0.1:3000)
  SIGNALBOX_TOKEN     the token that the service wants and the client sends
  SIGNALBOX_BACKEND   the datastore (pglite:./var/data)
  SIGNALBOX_STORE     where processes put their files (file:./var/store)
  SIGNALBOX_LOOKUPS   folder of the lookups (./lookups)
  SIGNALBOX_INPUTS    folders from which processes may read files (./examples/genome)
  HOST, PORT          address of the service (127.0.0.1, 3000)
  LOG_LEVEL           fatal, error, warn, info, debug, trace or silent (info)
  NO_COLOR            no colours
All settings: docs/settings.md
`

/** What `signalbox --help` prints. */
export async function usage (loadShipped: () => Promise<Pick<Shipped, 'queries'>>): Promise<string> {
  const queries = [...(await loadShipped()).queries].map(([name, query]) => [name, listedQuery(query)] as const)
  const shown = Object.entries(COMMANDS).filter(([, { isHidden }]) => isHidden !== true)
  const rows = [...shown, ...queries].map(([name, { positionals, summary }]) =>
    [[name, ...positionals].join(' '), summary] as const)
  const width = Math.max(...rows.map(([synopsis]) => synopsis.length))
  const commands = rows.map(([synopsis, summary]) => `  ${synopsis.padEnd(width)}  ${summary}\n`).join('')
  return `Signalbox turns events into jobs.

Usage: signalbox COMMAND [options]

${ROLES}
Ask (signalbox COMMAND --help tells more):
${commands}
  --url URL   the service
  --json      one JSON value, for programs

As Ensembl's event client: signalbox --uri URL --action ACTION [--event JSON] [--process NAME] [--job_id ID] [--verbose],
  for submit, retrieve, list, delete, events and processes; or -u, -a, -e, -p, -i, -v

${EXIT_CODES}
${ENVIRONMENT}`
}
