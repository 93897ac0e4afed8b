import helmet from '@fastify/helmet'
import type { App } from '../dependencies.ts'

const SELF = ["'self'"]

/** Headers for whatever opens an answer in a browser: no other host is asked, nothing is framed, no type is guessed. */
export async function protectPages (app: App): Promise<void> {
  await app.register(helmet, {
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
  })
}
