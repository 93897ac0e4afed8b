import { Type } from 'typebox'
import { type BlockKind, secret } from '../kind.ts'

const schema = Type.Object({
  host: Type.String({ minLength: 1 }),
  port: Type.Integer({ minimum: 1, maximum: 65535, default: 587 }),
  secure: Type.Boolean({ default: false, description: 'TLS from the first byte, as on port 465; else STARTTLS where the server offers it' }),
  username: Type.Optional(Type.String({ minLength: 1 })),
  password: Type.Optional(secret(Type.String({ minLength: 1 }))),
  from: Type.String({ minLength: 3, description: 'The sender: `Signalbox <signalbox@example.org>`' })
}, { additionalProperties: false, dependentRequired: { username: ['password'], password: ['username'] } })

export const smtp: BlockKind<typeof schema> = {
  kind: 'smtp',
  description: 'A mail server to send by',
  schema,
  env: { host: 'HOST', port: 'PORT', secure: 'SECURE', username: 'USERNAME', password: 'PASSWORD', from: 'FROM' }
}
