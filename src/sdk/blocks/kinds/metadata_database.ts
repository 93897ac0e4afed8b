import { Type } from 'typebox'
import { type BlockKind, PEM, reaching, secret } from '../kind.ts'

const Statements = Type.Array(
  Type.Object(
    {
      sql: Type.String({
        minLength: 1,
        description: 'One statement, with `?` (MySQL, MariaDB) or `$1`, `$2` (PostgreSQL) for its values'
      }),
      values: Type.Array(Type.String({ pattern: '^(/[^/]*)+$' }), {
        default: [],
        description:
          'JSON pointers into what is told: `/event/subject`, `/result/assembly`, `/status`, `/reason`, `/id`'
      })
    },
    { additionalProperties: false }
  ),
  { default: [], maxItems: 20, description: 'In one transaction' }
)

const schema = Type.Object(
  {
    server: Type.Union([Type.Literal('mysql'), Type.Literal('postgres')], {
      description: '`mysql` is MariaDB too'
    }),
    host: reaching('address', Type.Optional(Type.String({ minLength: 1, description: 'Or `socket_path`' }))),
    socket_path: reaching(
      'path',
      Type.Optional(
        Type.String({
          minLength: 1,
          description: 'Socket of a server on the same machine; its folder for PostgreSQL'
        })
      )
    ),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description: '3306 or 5432 by default' })),
    user: Type.String({ minLength: 1 }),
    password: secret(Type.String({ default: '', description: 'Empty for a user without one' })),
    database: Type.String({ minLength: 1 }),
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
    success: Statements,
    failure: Statements,
    cancelled: Statements
  },
  { additionalProperties: false, anyOf: [{ required: ['host'] }, { required: ['socket_path'] }] }
)

export const metadataDatabase: BlockKind<typeof schema> = {
  kind: 'metadata_database',
  description: 'A database that is told of ends, and the statements that tell it',
  schema,
  env: {
    server: 'SERVER',
    host: 'HOST',
    socket_path: 'SOCKET',
    port: 'PORT',
    user: 'USER',
    password: 'PASSWORD',
    database: 'DATABASE',
    tls: 'TLS',
    ca: 'CA',
    success: 'SUCCESS',
    failure: 'FAILURE',
    cancelled: 'CANCELLED'
  }
}
