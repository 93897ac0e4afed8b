import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'
import type { App } from '../dependencies.ts'

const SELF = ["'self'"]

/** Headers for whatever opens an answer in a browser: no other host is asked, nothing is framed, no type is guessed. */
export function protectPages (app: App): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    // What a key was needed for is kept by nobody on the way.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    const isPage = String(reply.getHeader('content-type')).startsWith('text/html')
    return isPage && typeof payload === 'string' ? withoutForeign(payload) : payload
  })
  // Asked once: Fastify's plugin makes it anew for each request, which is a tenth of what accepting an event costs.
  const headers = headersOf(helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: SELF,
        // The documentation and the board set styles on their elements.
        styleSrc: [...SELF, "'unsafe-inline'"],
        imgSrc: [...SELF, 'data:'],
        objectSrc: ["'none'"],
        baseUri: SELF,
        formAction: SELF,
        frameAncestors: ["'none'"]
      }
    },
    // TLS is the work of a proxy in front, which sets it.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' }
  }))
  app.addHook('onRequest', (_request, reply, next) => {
    reply.headers(headers)
    next()
  })
}

/** What it sets, the same on every answer. */
function headersOf (protect: ReturnType<typeof helmet>): Record<string, string> {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  protect(response.req, response, () => {})
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]))
}

/** A page without what it would load from another host: the board asks for fonts of another company. */
export const withoutForeign = (page: string): string =>
  page.replaceAll(/<(link|script|img)\b[^>]*\b(href|src)="?(https?:)?\/\/[^>]*>(<\/script>)?/gi, '')
