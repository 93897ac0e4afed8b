import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { SignalboxError } from '../../base/errors.ts'
import { DEFAULT_SOURCE } from '../../base/event.ts'
import type { Scope } from '../../schemas/me.ts'
import { readCookie } from './cookie.ts'
import type { HostSettings } from './hosts.ts'
import { createHostCheck } from './hosts.ts'
import type { KeyRing } from './key-file.ts'
import { everything, type Caller } from './keys.ts'
import { createTries } from './limits.ts'
import { signInFor } from './sign-in.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /**
     * What a key must be allowed to do here; `open` asks for none, `any` for one that is known. By default `read` for
     * what changes nothing, else `operate`.
     */
    scope?: Scope | Asked
    /**
     * Whether a sender that can set no header may give its key in `access_token` (CloudEvents webhooks, section 3.2).
     */
    keyInQuery?: boolean
    /** Whether a browser may give its key in the cookie of the console's sign-in. */
    keyInCookie?: boolean
  }
}

/** They change nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

type Asked = 'open' | 'any'

/** Whoever asks while the service asks for no key. */
const ANYBODY: Caller = { ...everything('anybody'), submitter: undefined }

/**
 * Who gets in: hosts and origins first, then keys and their scopes. For `onRequest`, so that nothing is read before it.
 */
export function createAccess (keys: KeyRing, settings: HostSettings): onRequestAsyncHookHandler {
  const checkHost = createHostCheck(settings)
  const tries = createTries()
  return async (request, reply) => {
    checkHost(request)
    if (!keys.asked) {
      request.caller = ANYBODY
      return
    }
    try {
      request.caller = callerOf(request, reply, keys)
    } catch (error) {
      if ((error as SignalboxError).statusCode !== 401) throw error
      // A right key is let in all the same: behind a proxy all have one address, and one must not lock out the rest.
      if (keyOf(request) !== undefined) tries.count(request.ip)
      const signIn = signInFor(request)
      if (signIn === undefined) throw error
      return await reply.redirect(signIn, 303)
    }
  }
}

function callerOf (request: FastifyRequest, reply: FastifyReply, keys: KeyRing): Caller {
  const scope = scopeOf(request, keys)
  if (scope === 'open') return ANYBODY
  const key = keyOf(request)
  const caller = key === undefined ? undefined : keys.find(key)
  if (caller === undefined) throw unauthorized(reply, key !== undefined)
  if (scope !== 'any' && !caller.scopes.has(scope)) throw forbidden(caller, scope)
  return caller
}

function scopeOf ({ method, routeOptions }: FastifyRequest, { named }: KeyRing): Scope | Asked {
  const scope = routeOptions.config.scope ?? (SAFE.has(method) ? 'read' : 'operate')
  // Monitoring that holds no key goes on as long as there is but one token.
  return scope === 'metrics' && !named ? 'open' : scope
}

/** The key that a request shows. */
export function keyOf (request: FastifyRequest): string | undefined {
  const { method, headers, query, routeOptions } = request
  const [, key] = /^Bearer +(\S.*?) *$/i.exec(headers.authorization ?? '') ?? []
  if (key !== undefined) return key
  if (routeOptions.config.keyInCookie === true && SAFE.has(method)) return readCookie(request)
  if (routeOptions.config.keyInQuery !== true) return undefined
  const given = (query as { access_token?: unknown }).access_token
  return typeof given === 'string' ? given : undefined
}

function unauthorized (reply: FastifyReply, given: boolean): SignalboxError {
  void reply.header('www-authenticate', `Bearer realm="signalbox"${given ? ', error="invalid_token"' : ''}`)
  return new SignalboxError(
    'UNAUTHORIZED',
    401,
    given ? 'this key is not known, or has expired' : 'a valid bearer token is needed'
  )
}

function forbidden ({ name }: Caller, scope: Scope): SignalboxError {
  return new SignalboxError('FORBIDDEN', 403, `the key ${name} does not have the scope ${scope}`)
}

/**
 * Refuses an event that the caller's key may not submit.
 *
 * @throws FORBIDDEN naming the key, the scope, and what of the event is outside of it
 */
export function checkMaySubmit (caller: Caller, event: { type: string, source: string }): void {
  if (!caller.scopes.has('submit')) throw forbidden(caller, 'submit')
  const { type } = event
  // One that names no source is judged by the name of that: keys.json says `/jobs` for it.
  const source = event.source === caller.source ? DEFAULT_SOURCE : event.source
  if (!caller.maySubmit({ type, source })) {
    const what = `events ${JSON.stringify(type)} of ${JSON.stringify(source)}`
    throw new SignalboxError('FORBIDDEN', 403, `the key ${caller.name} does not have the scope submit for ${what}`)
  }
}
