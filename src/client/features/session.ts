import type { Calls } from '../calls.ts'

export const sessions = ({ ask }: Calls) => ({
  /** In a browser: lets it open /docs and /board with the key of this client. */
  async openSession ({ remember }: { remember?: boolean } = {}): Promise<void> {
    await ask('openSession', { query: { remember } })
  },

  async closeSession (): Promise<void> {
    await ask('closeSession')
  }
})
