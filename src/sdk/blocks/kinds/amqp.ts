import { Type } from 'typebox'
import { type BlockKind, reaching, secret } from '../kind.ts'

const schema = Type.Object(
  {
    url: reaching(
      'address',
      secret(
        Type.String({ pattern: '^amqps?://', description: '`amqp://USER:PASSWORD@HOST:PORT/VHOST`, or `amqps:`' })
      )
    ),
    exchange: Type.String({ minLength: 1, maxLength: 255 }),
    exchange_type: Type.Union(
      ['topic', 'direct', 'fanout', 'headers'].map((type) => Type.Literal(type)),
      { default: 'topic' }
    )
  },
  { additionalProperties: false }
)

export const amqp: BlockKind<typeof schema> = {
  kind: 'amqp',
  description: 'An exchange of an AMQP 0-9-1 broker such as RabbitMQ',
  schema,
  env: { url: 'URL', exchange: 'EXCHANGE', exchange_type: 'EXCHANGE_TYPE' }
}
