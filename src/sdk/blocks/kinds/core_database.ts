import { Type } from 'typebox'
import { type BlockKind, PEM, reaching, secret } from '../kind.ts'

const schema = Type.Object(
  {
    host: reaching(
      'address',
      Type.Optional(Type.String({ minLength: 1, description: 'Name or address of the server; or `socket_path`' }))
    ),
    socket_path: reaching(
      'path',
      Type.Optional(
        Type.String({ minLength: 1, description: 'Socket of a server on the same machine, instead of `host`' })
      )
    ),
    port: Type.Integer({ minimum: 1, maximum: 65535, default: 3306 }),
    user: Type.String({ minLength: 1 }),
    password: secret(Type.String({ default: '', description: 'Empty for a user without one' })),
    tls: Type.Boolean({
      default: false,
      description: 'Whether the connection is encrypted and the certificate of the server checked'
    }),
    ca: Type.Optional(
      Type.String({
        pattern: PEM,
        description: 'Who has signed that certificate, as PEM; those that the system knows where absent'
      })
    ),
    database: Type.Optional(
      Type.String({ minLength: 1, description: 'Where a process needs one and its parameters name none' })
    )
  },
  { additionalProperties: false, anyOf: [{ required: ['host'] }, { required: ['socket_path'] }] }
)

export const coreDatabase: BlockKind<typeof schema> = {
  kind: 'core_database',
  description: 'A MySQL or MariaDB server',
  schema,
  env: {
    host: 'HOST',
    socket_path: 'SOCKET',
    port: 'PORT',
    user: 'USER',
    password: 'PASSWORD',
    tls: 'TLS',
    ca: 'CA',
    database: 'DATABASE'
  }
}
