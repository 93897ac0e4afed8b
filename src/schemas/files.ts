import { Type, type Static } from 'typebox'
import { closed, instant, nullable, refTo } from './parts.ts'

export const JobFileSchema = Type.Object({
  name: Type.String({ description: 'Its name in the store' }),
  size: Type.Integer({ description: 'Bytes' }),
  sha256: Type.String({ description: 'Of what the job wrote' }),
  url: Type.String({ description: 'Where it lies: file:///… or s3://…' }),
  link: Type.String({
    description: 'Where anybody can fetch it until `expires`: a path of this service, or an address of the object store'
  }),
  expires: instant('When the link ends')
}, { $id: 'JobFile', ...closed })
export type JobFileView = Static<typeof JobFileSchema>

export const JobFileListSchema = Type.Object({
  items: Type.Array(refTo<JobFileView>('JobFile')),
  next: nullable(Type.String({ description: 'The cursor of the next page' })),
  unlisted: Type.Integer({ description: 'How many more the job has written than are kept in the list' })
}, { $id: 'JobFileList', ...closed })

export const fileSchemas = [JobFileSchema, JobFileListSchema]
