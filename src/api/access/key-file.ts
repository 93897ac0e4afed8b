import { readFileSync, statSync } from 'node:fs'
import type { Logger } from 'pino'
import { errors } from '../../base/errors.ts'
import { digestOf, everything, readKeys, type Caller, type Keys } from './keys.ts'

/** How often the file of keys is looked at for a change, at most. */
const LOOK_MS = 1000

type State = { file: string | undefined, keys: Keys, stamp: string, lookedAt: number, log: Logger }

export interface KeyRing {
  /** False where nobody has to show a key. */
  asked: boolean
  /** Whether named keys are in use: then /metrics asks for one too. */
  named: boolean
  find: (key: string) => Caller | undefined
}

const NOBODY: Keys = { find: () => undefined }

/**
 * The keys of SIGNALBOX_TOKEN and SIGNALBOX_KEYS (a file, or the JSON itself). A file is read again
 * when it changes; one that is not valid is logged, and the keys before stay in force.
 *
 * @throws INVALID_CONFIG where they are not valid at the start
 */
export function createKeyRing ({ token, keys: given, log }: { token: string, keys: string, log: Logger }): KeyRing {
  const file = given === '' || given.trimStart().startsWith('[') ? undefined : given
  const state: State = { file, keys: NOBODY, stamp: '', lookedAt: 0, log }
  const tokens: Keys = token === '' ? NOBODY : readToken(token)
  try {
    if (file !== undefined) load(state, file)
    else if (given !== '') state.keys = readKeys(given)
  } catch (cause) {
    throw errors.invalidConfig([`SIGNALBOX_KEYS: ${(cause as Error).message}`])
  }
  const find = (key: string): Caller | undefined => {
    look(state)
    return tokens.find(key) ?? state.keys.find(key)
  }
  return { asked: token !== '' || given !== '', named: given !== '', find }
}

/** The one token is a key with all scopes, compared like the others. */
function readToken (token: string): Keys {
  const keys = readKeys(JSON.stringify([{ name: 'token', sha256: digestOf(token), scopes: ['read'] }]))
  const caller = everything('token')
  return { find: (key) => keys.find(key) === undefined ? undefined : caller }
}

function load (state: State, file: string): void {
  const { mtimeMs, size, ino } = statSync(file)
  state.stamp = `${ino} ${mtimeMs} ${size}`
  state.keys = readKeys(readFileSync(file, 'utf8'))
}

function look (state: State): void {
  const { file, log } = state
  if (file === undefined || Date.now() - state.lookedAt < LOOK_MS) return
  state.lookedAt = Date.now()
  try {
    const { mtimeMs, size, ino } = statSync(file)
    if (`${ino} ${mtimeMs} ${size}` === state.stamp) return
    load(state, file)
    log.info({ file }, 'keys read again')
  } catch (error) {
    log.error({ err: error, file }, 'the file of keys cannot be read: the keys before stay in force')
  }
}
