import { Type } from 'typebox'
import { type BlockKind, PEM, reaching, secret } from '../kind.ts'

const schema = Type.Object(
  {
    host: reaching('address', Type.String({ minLength: 1 })),
    port: Type.Integer({ minimum: 1, maximum: 65535, default: 587 }),
    secure: Type.Boolean({
      default: false,
      description: 'TLS from the first byte, as on port 465; else STARTTLS where the server offers it'
    }),
    require_tls: Type.Boolean({
      default: false,
      description: 'Whether a server that offers no STARTTLS is refused; without `secure`'
    }),
    ca: Type.Optional(
      Type.String({
        pattern: PEM,
        description: 'Who has signed the certificate of the server, as PEM; those that the system knows where absent'
      })
    ),
    username: Type.Optional(Type.String({ minLength: 1 })),
    password: Type.Optional(secret(Type.String({ minLength: 1 }))),
    from: Type.String({ minLength: 3, description: 'The sender: `Signalbox <signalbox@example.org>`' })
  },
  { additionalProperties: false, dependentRequired: { username: ['password'], password: ['username'] } }
)

export const smtp: BlockKind<typeof schema> = {
  kind: 'smtp',
  description: 'A mail server to send by',
  schema,
  env: {
    host: 'HOST',
    port: 'PORT',
    secure: 'SECURE',
    require_tls: 'REQUIRE_TLS',
    ca: 'CA',
    username: 'USERNAME',
    password: 'PASSWORD',
    from: 'FROM'
  }
}
