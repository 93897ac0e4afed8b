import swaggerUi from '@fastify/swagger-ui'
import type { ApiDependencies, App } from './dependencies.ts'

const UI_CONFIG = { docExpansion: 'list', tryItOutEnabled: true, displayRequestDuration: true } as const

/** The pages of others: documentation and board. A browser shows its key in the cookie of the console's sign-in. */
export async function servePages (app: App, board: ApiDependencies['board']): Promise<void> {
  await app.register(async (pages) => {
    pages.addHook('onRoute', (route) => { route.config = { ...route.config, keyInCookie: true } })
    await pages.register(swaggerUi, { routePrefix: '/docs', uiConfig: UI_CONFIG })
    await pages.register(board, { prefix: '/board' })
    pages.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  })
}
