import type { ReadyView } from '../../schemas/health.ts'
import type { SearchAnswer } from '../answers.ts'
import type { Calls } from '../calls.ts'
import type { SearchOptions } from '../requests.ts'

type Params = Record<string, string | number | boolean | undefined>

export const queries = ({ ask, query: askQuery }: Calls) => {
  /** What a pipeline is asked of the files that it has made, by the name of the query. */
  async function query<Answer = unknown> (name: string, params: Params = {}): Promise<Answer> {
    return await askQuery(name, params)
  }

  return {
    query,

    /** Council meetings in which something was said, best first: the query `search`. */
    async search (text: string, options: SearchOptions = {}): Promise<SearchAnswer> {
      return await query('search', { q: text, ...options })
    },

    /** Whether the service can take events; also where it answers that it cannot. */
    async ready (): Promise<ReadyView> {
      return await ask('ready', { accept: 503 })
    }
  }
}
