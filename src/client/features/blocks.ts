import type { BlockKindView, BlockView } from '../../schemas/blocks.ts'
import type { Page } from '../answers.ts'
import type { Calls } from '../calls.ts'

export const blocks = ({ ask }: Calls) => ({
  /** The kinds that the service knows: those that are shipped and the operator's own. */
  async blockKinds (): Promise<Page<BlockKindView>> {
    return await ask('listBlockKinds')
  },

  /** Named configuration, without its secrets. */
  async blocks (): Promise<Page<BlockView>> {
    return await ask('listBlocks')
  },

  async getBlock (kind: string, name: string): Promise<BlockView> {
    return await ask('getBlock', { in: [kind, name] })
  },

  /** Creates a block or replaces it; `change` says which. */
  async putBlock (kind: string, name: string, value: Record<string, unknown>): Promise<BlockView> {
    return await ask('putBlock', { in: [kind, name], body: value })
  },

  /** What something refers to is removed with `force` only. */
  async removeBlock (kind: string, name: string, { force }: { force?: boolean } = {}): Promise<BlockView> {
    return await ask('removeBlock', { in: [kind, name], query: { force: force === true ? true : undefined } })
  },

  /** Encrypts with the current key what the one before has encrypted. */
  async rekeyBlocks (): Promise<{ rekeyed: number }> {
    return await ask('rekeyBlocks')
  }
})
