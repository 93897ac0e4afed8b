import type { SubjectView } from '../../schemas/subjects.ts'
import type { Calls } from '../calls.ts'

export const subjects = ({ ask }: Calls) => ({
  /** What each process has last done for a genome, a council, a document. */
  async subject (name: string): Promise<SubjectView> {
    return await ask('getSubject', { in: [name] })
  }
})
