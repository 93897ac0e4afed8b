import type { Config } from '../config.ts'
import type { Program } from '../program.ts'
import type { Finding } from './finding.ts'
import { checkConfiguration, checkDisks, checkVersions } from './machine.ts'
import { checkStores } from './stores.ts'

/** One line a finding. Answers the exit code: 1 where something is to be done. */
export async function doctor (config: Config, { stdout, env, version }: Program): Promise<number> {
  const given = { config, env, version }
  let ill = 0
  const tell = ({ about, found, todo }: Finding): void => {
    if (todo !== undefined) ill++
    stdout.write(
      `${todo === undefined ? 'ok ' : '!! '} ${about.padEnd(WIDTH)} ${found}${todo === undefined ? '' : `: ${todo}`}\n`
    )
  }
  for (const finding of checkVersions(given)) tell(finding)
  for (const finding of checkConfiguration(given)) tell(finding)
  for (const finding of await checkDisks(given)) tell(finding)
  for await (const finding of checkStores(given)) tell(finding)
  stdout.write(ill === 0 ? 'all is well\n' : `${ill} ${ill === 1 ? 'thing is' : 'things are'} to be done\n`)
  return ill === 0 ? 0 : 1
}

const WIDTH = 14
