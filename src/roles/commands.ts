import { join } from 'node:path'
import { UsageError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import type { Role } from './base.ts'
import { loadConfig, type Config } from './config.ts'
import { helpOf, OPTIONS, type Listed } from './help.ts'
import type { Program } from './program.ts'

type RoleCommand = (args: string[], program: Program) => Promise<number>
type Known = Listed & { run: RoleCommand }

/** The commands that serve, and those of an administrator. */
const COMMANDS: ReadonlyMap<string, Known> = new Map<string, Known>([
  [
    'init',
    {
      usage: '[FOLDER] [--yes]',
      summary: 'Writes a first project: lookups, a process in TypeScript and its test, .env.example, a compose file',
      options: [],
      details: ['What is there stays as it is. --yes asks nothing.'],
      run: async (args, program) => await (await import('./init.ts')).init(args, program)
    }
  ],
  ['start', serving('All roles in one process: all you need on one machine', 'api', 'worker', 'results')],
  ['api', serving('Takes events and answers questions', 'api')],
  ['worker', serving('Runs the processes', 'worker')],
  ['results', serving('Settles results, closes events, keeps the schedules', 'results')],
  ['check', administering('check', 'Checks configuration and lookups, and tells what each event starts')],
  [
    'doctor',
    administering(
      'doctor',
      'Looks at what a service needs, and says of each what to do: exit code 1 where something is'
    )
  ],
  ['migrate', administering('migrate', 'Brings the datastore up to date')],
  [
    'backup',
    keeping('backup', 'Writes what the datastore holds into a file', [
      'The embedded one while no service has it; PostgreSQL by pg_dump and Redis by redis-cli, also while they serve.',
      'The files of the store are kept apart from it.'
    ])
  ],
  [
    'restore',
    keeping('restore', 'Brings back what `backup` has written, into a datastore that is empty', [
      'PostgreSQL by pg_restore; for Redis the file is read by a redis-server of its own on this machine.'
    ])
  ],
  ['forget_blocks', administering('forgetBlocks', 'Removes all blocks, for one who has lost their key')],
  [
    'keys',
    {
      usage: 'new NAME --scopes LIST',
      summary: 'Makes a key for SIGNALBOX_KEYS',
      options: [],
      details: ['docs/access.md tells of keys and scopes.'],
      run: async (args, program) => await (await import('./keys.ts')).keys(args, program)
    }
  ]
])

export const roleCommands: ReadonlyMap<string, RoleCommand> = new Map([...COMMANDS].map(([name, known]) =>
  [name, async (args, program) => await runOrHelp(name, known, args, program)]))

async function runOrHelp (name: string, known: Known, args: string[], program: Program): Promise<number> {
  if (!args.includes('--help') && !args.includes('-h')) return await known.run(args, program)
  program.stdout.write(helpOf(name, known))
  return 0
}

function serving (summary: string, ...roles: Role[]): Known {
  const run: RoleCommand = async (args, program) => {
    const { serve } = await import('./serve.ts')
    return await serve(readConfig(args, program), roles, program)
  }
  const http = roles.includes('api') ? ['--host', '--port'] : []
  const work = roles.includes('worker') ? ['--processes'] : []
  return { summary, options: ['--backend', ...http, '--lookups', ...work], run, usage: '[options]' }
}

function administering (name: 'check' | 'doctor' | 'migrate' | 'forgetBlocks', summary: string): Known {
  const run: RoleCommand = async (args, program) => {
    const config = readConfig(args, program)
    if (name === 'doctor') return await (await import('./doctor/doctor.ts')).doctor(config, program)
    return await (await import('./admin.ts'))[name](config, program)
  }
  return { summary, options: ['--backend', '--lookups'], run, usage: '[options]' }
}

function keeping (name: 'backup' | 'restore', summary: string, details: string[] = []): Known {
  const run: RoleCommand = async ([file = '', ...args], program) => {
    if (file === '' || file.startsWith('-')) throw new UsageError(`signalbox ${name} FILE [--backend URL]`)
    return await (await import('./backup.ts'))[name](readConfig(args, program), file, program)
  }
  return { summary, details, options: ['--backend'], run, usage: 'FILE [options]' }
}

/** The configuration, with the options of the command line over its environment. @throws UsageError */
export function readConfig (args: string[], { env: given, home }: Pick<Program, 'env' | 'home'>): Config {
  const env = { ...given }
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = (args[i] ?? '').split(/=(.*)/s)
    const option = OPTIONS.get(name)
    if (option === undefined) throw new UsageError(unknown(args[i] ?? '', name))
    const value = inline ?? args[++i]
    if (value === undefined) throw new UsageError(`${name} needs a value`)
    env[option.variable] = value
  }
  return loadConfig({ file: env['SIGNALBOX_CONFIG'] ?? join(home, 'config', 'default.json'), env })
}

function unknown (given: string, name: string): string {
  const near = nearest(name, [...OPTIONS.keys()])
  return `there is no option ${JSON.stringify(given)} here${near === undefined ? '' : `; did you mean ${near}?`}`
}
