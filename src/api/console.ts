import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { onRequestAsyncHookHandler } from 'fastify'
import { errors } from '../base/errors.ts'
import { wantsPage } from './access/sign-in.ts'
import type { App } from './dependencies.ts'

/** `npm run build` puts the pages there, beside the compiled service. */
const FOLDER = join(import.meta.dirname, '..', '..', 'dist', 'console')

// Videos of meetings lie where the city has them.
const SECURITY = [
  "default-src 'self'", "media-src 'self' http: https:",
  "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"
].join('; ')

/** What the API answers as JSON and the console shows as a page. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ['/', '/'],
  ['/events/:id', '/events/'],
  ['/jobs/:process/:id', '/jobs/'],
  ['/subjects/:subject', '/subjects/']
])

/** The pages hold no data: everybody may load them, and what they ask for needs a key. */
export async function serveConsole (app: App, { version }: { version: string }): Promise<void> {
  const page = existsSync(join(FOLDER, 'index.html')) ? readFileSync(join(FOLDER, 'index.html')) : undefined
  await app.register(async (pages) => {
    pages.addHook('onRoute', (route) => { route.config = { ...route.config, scope: 'open' } })
    const links = { console: '/console/', docs: '/docs', openapi: '/openapi.json', ready: '/ready' }
    pages.get('/', { schema: { hide: true } }, async () => ({ service: 'signalbox', version, ...links }))
    for (const url of ['/console', '/console/*']) {
      pages.get(url, { schema: { hide: true } }, async (_request, reply) => {
        if (page === undefined) throw errors.consoleNotBuilt()
        return await reply
          .headers({ 'content-security-policy': SECURITY, 'cache-control': 'no-cache' })
          .type('text/html; charset=utf-8')
          .send(page)
      })
    }
    if (page === undefined) return
    // Their names hold a hash of what is in them.
    const [root, prefix] = [join(FOLDER, 'assets'), '/console/assets/']
    await pages.register(fastifyStatic, {
      root,
      prefix,
      index: false,
      immutable: true,
      maxAge: '365d',
      schemaHide: true
    })
  })
}

/** Sends a browser that opens an address of the API to the page of the same thing. For `onRequest`, ahead of keys. */
export const openInConsole: onRequestAsyncHookHandler = async (request, reply) => {
  const page = PAGES.get(request.routeOptions.url ?? '')
  if (page === undefined || request.method !== 'GET') return
  reply.header('vary', 'accept')
  if (!wantsPage(request)) return
  const [path = '', query] = request.url.split('?', 2)
  const rest = path.split('/').slice(2).join('/')
  await reply.redirect(`/console${page}${rest}${query === undefined ? '' : `?${query}`}`, 302)
}
