import { Type } from 'typebox'
import { type BlockKind, reaching, secret } from '../kind.ts'

const schema = Type.Object(
  {
    url: reaching(
      'address',
      secret(Type.String({ pattern: '^https?://', description: 'The whole address: who knows it can post' }))
    )
  },
  { additionalProperties: false }
)

export const slackWebhook: BlockKind<typeof schema> = {
  kind: 'slack_webhook',
  description: 'An incoming webhook of Slack, or of what understands the same messages',
  schema,
  env: { url: 'WEBHOOK_URL' }
}
