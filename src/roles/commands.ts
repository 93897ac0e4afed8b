import { join } from 'node:path'
import { UsageError } from '../base/errors.ts'
import type { Role } from './base.ts'
import { loadConfig, type Config } from './config.ts'
import type { Program } from './program.ts'

type RoleCommand = (args: string[], program: Program) => Promise<number>

/** Options that are short for a variable. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['--backend', 'SIGNALBOX_BACKEND'],
  ['--port', 'PORT'],
  ['--host', 'HOST'],
  ['--lookups', 'SIGNALBOX_LOOKUPS'],
  ['--processes', 'SIGNALBOX_PROCESSES']
])

/** The commands that serve, and those of an administrator. */
export const roleCommands: ReadonlyMap<string, RoleCommand> = new Map([
  ['start', serveAs('api', 'worker', 'results')],
  ['api', serveAs('api')],
  ['worker', serveAs('worker')],
  ['results', serveAs('results')],
  ['check', administer('check')],
  ['migrate', administer('migrate')],
  ['forget_blocks', administer('forgetBlocks')],
  ['keys', async (args, program) => await (await import('./keys.ts')).keys(args, program)]
])

function serveAs (...roles: Role[]): RoleCommand {
  return async (args, program) => {
    const { serve } = await import('./serve.ts')
    return await serve(readConfig(args, program), roles, program)
  }
}

function administer (name: 'check' | 'migrate' | 'forgetBlocks'): RoleCommand {
  return async (args, program) => {
    const commands = await import('./admin.ts')
    return await commands[name](readConfig(args, program), program)
  }
}

/** The configuration, with the options of the command line over its environment. @throws UsageError */
export function readConfig (args: string[], { env: given, home }: Pick<Program, 'env' | 'home'>): Config {
  const env = { ...given }
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = (args[i] ?? '').split(/=(.*)/s)
    const variable = OPTIONS.get(name)
    if (variable === undefined) throw new UsageError(`there is no option ${JSON.stringify(args[i])} here`)
    const value = inline ?? args[++i]
    if (value === undefined) throw new UsageError(`${name} needs a value`)
    env[variable] = value
  }
  return loadConfig({ file: env['SIGNALBOX_CONFIG'] ?? join(home, 'config', 'default.json'), env })
}
