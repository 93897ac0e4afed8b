import type { Me } from '../../schemas/me.ts'
import type { Calls } from '../calls.ts'

export const me = ({ ask }: Calls) => ({
  /** Who asks, and what may be done with that key. */
  async me (): Promise<Me> {
    return await ask('me')
  }
})
