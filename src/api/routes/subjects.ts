import { Type } from 'typebox'
import { subjectSchemas } from '../../schemas/subjects.ts'
import { closed, nameText } from '../../schemas/parts.ts'
import type { Route } from '../dependencies.ts'
import { readText } from '../query.ts'
import { PAGE, responses } from '../responses.ts'

const GET = {
  operationId: 'getSubject',
  tags: ['events'],
  summary: 'What each process has last done for a subject: its last success, and its last failure',
  description: '`GET /events?subject=` has the events themselves.',
  params: Type.Object({ subject: nameText('What events are about') }, closed),
  response: responses({ 200: Type.Ref('Subject'), ...PAGE }, 400)
}

export const subjectRoutes: Route = {
  schemas: subjectSchemas,
  routes: async (app, { engine: { subjects } }) => {
    app.get('/subjects/:subject', { schema: GET }, async ({ params: { subject } }) =>
      await subjects.read(readText('subject', subject) as string))
  }
}
