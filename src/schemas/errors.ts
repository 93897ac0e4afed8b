import { Type } from 'typebox'

export const ErrorSchema = Type.Object({
  statusCode: Type.Integer(),
  code: Type.String({ description: 'Stable; for programs' }),
  error: Type.String({ description: 'Name of the status code' }),
  message: Type.String({ description: 'For people; free to change' }),
  field: Type.Optional(Type.String({ description: 'Path of the field that is at fault' }))
}, { $id: 'Error', description: 'What every error looks like' })
