import type { BlockKind, LoadBlock } from '../../sdk/blocks/kind.ts'
import { type Failure, fromFailure, toFailure } from '../failure.ts'

/** A thread has no connection to the datastore and no key: it asks the worker. */
export type BlockQuestion = { block: number, kind: string, name: string }
export type BlockAnswer = { block: number } & ({ value: Record<string, unknown> } | { failure: Failure })

/** In the thread. */
export const askForBlocks = (send: (question: BlockQuestion) => void, signal: AbortSignal) => {
  const waiting = new Map<
    number,
    { resolve: (value: Record<string, unknown>) => void, reject: (error: unknown) => void }
  >()
  let asked = 0
  signal.addEventListener('abort', () => {
    for (const { reject } of waiting.values()) reject(signal.reason)
    waiting.clear()
  })
  const load = async (kind: BlockKind | string, name: string): Promise<Record<string, unknown>> => {
    signal.throwIfAborted()
    const block = ++asked
    return await new Promise((resolve, reject) => {
      waiting.set(block, { resolve, reject })
      send({ block, kind: typeof kind === 'string' ? kind : kind.kind, name })
    })
  }
  const answered = (answer: BlockAnswer): void => {
    const one = waiting.get(answer.block)
    waiting.delete(answer.block)
    if ('value' in answer) one?.resolve(answer.value)
    else one?.reject(fromFailure(answer.failure))
  }
  return { load: load as LoadBlock, answered }
}

/** In the worker. */
export const answerBlock = (
  { block, kind, name }: BlockQuestion,
  load: LoadBlock,
  send: (answer: BlockAnswer) => void
): void => {
  load(kind, name).then(
    (value) => send({ block, value }),
    (thrown: unknown) => send({ block, failure: toFailure(thrown) })
  )
}
