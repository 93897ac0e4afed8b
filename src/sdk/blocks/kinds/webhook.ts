import { Type } from 'typebox'
import { type BlockKind, reaching, secret } from '../kind.ts'

const schema = Type.Object(
  {
    url: reaching('address', Type.String({ pattern: '^https?://' })),
    secret: secret(
      Type.String({
        pattern: '^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$',
        description: 'The signing secret of Standard Webhooks: `whsec_` and 24 to 64 bytes as base64'
      })
    )
  },
  { additionalProperties: false }
)

export const webhook: BlockKind<typeof schema> = {
  kind: 'webhook',
  description: 'A receiver of messages that are signed by the Standard Webhooks scheme',
  schema,
  env: { url: 'WEBHOOK_URL', secret: 'WEBHOOK_SECRET' }
}
