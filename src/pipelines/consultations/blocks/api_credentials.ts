import { Type } from 'typebox'
import { type BlockKind, reaching, secret } from '../../../sdk/blocks/kind.ts'

const schema = Type.Object(
  {
    base_url: reaching(
      'address',
      Type.Optional(
        Type.String({ pattern: '^https?://', description: 'Where the API lies, if not where the process knows it' })
      )
    ),
    username: Type.String({ minLength: 1 }),
    password: secret(Type.String({ minLength: 1 }))
  },
  { additionalProperties: false }
)

export const apiCredentials: BlockKind<typeof schema> = {
  kind: 'api_credentials',
  description: 'User and password of an HTTP API (HTTP Basic)',
  schema,
  env: { base_url: 'BASE_URL', username: 'USERNAME', password: 'PASSWORD' }
}
