import { signal } from '@preact/signals'
import { EventClient } from '../../client/event-client.ts'
import { EventClientError } from '../../client/event-client-error.ts'
import type { Me, Scope } from '../../schemas/me.ts'
import { text } from './text.ts'

/** Who is signed in, and the client with their key. The key never stands in an address, a log or a title. */

const STORED = 'signalbox.key'

export const session = signal<Me | undefined>(undefined)
/** Whether there is a card to sign in, and what it says. */
export const signIn = signal<{ problem: string } | undefined>(undefined)

let key = ''
let client = open()

function open (): EventClient {
  return new EventClient({ url: location.origin, token: key, retries: 0 })
}

export const api = (): EventClient => client

/** Takes the key that a link brings in its fragment, which browsers send to nobody, and removes it from the address. */
function takeFromLink (): string | undefined {
  const [, found] = /^#(?:token|key)=(.+)$/.exec(location.hash) ?? []
  if (found === undefined) return undefined
  history.replaceState(null, '', location.pathname + location.search)
  return decodeURIComponent(found)
}

export async function start (): Promise<void> {
  const given = takeFromLink()
  if (given !== undefined) {
    await enter(given, false)
    return
  }
  key = sessionStorage.getItem(STORED) ?? localStorage.getItem(STORED) ?? ''
  client = open()
  await check('')
}

/** Tries a key; keeps it where it is good. */
export async function enter (given: string, remember: boolean): Promise<void> {
  key = given.trim()
  client = open()
  await check(text.signIn.wrong)
  if (session.value === undefined) return
  const [kept, other] = remember ? [localStorage, sessionStorage] : [sessionStorage, localStorage]
  kept.setItem(STORED, key)
  other.removeItem(STORED)
  // For the documentation and the board, which are pages of their own.
  if (session.value.key_needed) await client.openSession({ remember }).catch(() => {})
}

async function check (problem: string): Promise<void> {
  try {
    session.value = await client.me()
    signIn.value = undefined
  } catch (error) {
    session.value = undefined
    signIn.value = { problem: isRefused(error) ? problem : messageOf(error) }
  }
}

/** A key that was good and is no more: it has expired, or was taken away. */
export function expire (): void {
  if (session.value === undefined) return
  session.value = undefined
  signIn.value = { problem: text.signIn.expired }
}

export async function leave (): Promise<void> {
  await client.closeSession().catch(() => {})
  sessionStorage.removeItem(STORED)
  localStorage.removeItem(STORED)
  key = ''
  client = open()
  session.value = undefined
  await check('')
}

/** Why the reader may not do it, or undefined where they may. */
export function refusal (scope: Scope): string | undefined {
  const who = session.value
  if (who === undefined || who.scopes.includes(scope)) return undefined
  return text.refused(who.name, scope)
}

export const isRefused = (error: unknown): boolean => error instanceof EventClientError && error.statusCode === 401

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
