import type { Environment } from './value.ts'

/** What a program needs to run at all; anything else of the service's environment may be a secret. */
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|PATHEXT|COMSPEC)$/i

/** The part of the service's environment that others may see. */
export const safeEnvironment = (service: Environment): Record<string, string> => chosen(service, PASSED_ON)

/** How Node runs its files, under tap too: whoever tests a process of their own wants its threads told of it. */
const NODE = /^(NODE_ENV|NODE_V8_COVERAGE|(TS_NODE|_TAPJS_PROCESSINFO)_[A-Z_]+)$/
/**
 * How the client of AWS finds credentials in files and services. The keys themselves come with the
 * settings of the store.
 */
const AWS = /^AWS_(?!ACCESS_KEY_ID$|SECRET_ACCESS_KEY$|SESSION_TOKEN$|.*TOKEN$)[A-Z0-9_]+$/

/** What modules in threads see: nothing that was meant for the service. */
export const threadEnvironment = (service: Environment): Record<string, string> => ({
  ...safeEnvironment(service),
  ...chosen(service, NODE),
  ...chosen(service, AWS)
})

function chosen (environment: Environment, names: RegExp): Record<string, string> {
  const all = Object.entries(environment).filter((one): one is [string, string] => one[1] !== undefined)
  return Object.fromEntries(all.filter(([name]) => names.test(name)))
}
