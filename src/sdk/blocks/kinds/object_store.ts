import { Type } from 'typebox'
import { type BlockKind, PEM, reaching, secret } from '../kind.ts'

const schema = Type.Object(
  {
    url: reaching(
      'address',
      Type.String({ pattern: '^(file:.|s3://[^/]+)', description: '`file:FOLDER` or `s3://BUCKET/PREFIX`' })
    ),
    endpoint: reaching(
      'address',
      Type.Optional(
        Type.String({ pattern: '^https?://', description: 'Address of an S3-compatible service; AWS where absent' })
      )
    ),
    ca: Type.Optional(
      Type.String({
        pattern: PEM,
        description:
          'Who has signed the certificate of that service, as PEM; those that the system knows where absent'
      })
    ),
    region: Type.Optional(Type.String({ minLength: 1 })),
    access_key_id: Type.Optional(
      Type.String({ minLength: 1, description: "Where absent, AWS's own variables and files are asked" })
    ),
    secret_access_key: Type.Optional(secret(Type.String({ minLength: 1 })))
  },
  {
    additionalProperties: false,
    dependentRequired: { access_key_id: ['secret_access_key'], secret_access_key: ['access_key_id'] }
  }
)

export const objectStore: BlockKind<typeof schema> = {
  kind: 'object_store',
  description: 'A folder, or a part of an S3 bucket',
  schema,
  env: {
    url: 'URL',
    endpoint: 'ENDPOINT',
    ca: 'CA',
    region: 'REGION',
    access_key_id: 'ACCESS_KEY_ID',
    secret_access_key: 'SECRET_ACCESS_KEY'
  }
}
