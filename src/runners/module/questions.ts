import type { BlockKind, LoadBlock } from '../../sdk/blocks/kind.ts'
import type { Trigger } from '../../sdk/process.ts'
import { type Failure, fromFailure, toFailure } from '../failure.ts'

/** A thread has no connection to the datastore and no key: it asks the worker for blocks and for pages of triggers. */
export type Question = { ask: number } & ({ block: { kind: string, name: string } } | { page: number })
export type Answer = { ask: number } & ({ value: unknown } | { failure: Failure })

type Asked = { resolve: (value: unknown) => void, reject: (error: unknown) => void }

/** In the thread. */
export const createQuestions = (send: (question: Question) => void, signal: AbortSignal) => {
  const waiting = new Map<number, Asked>()
  let asked = 0
  let readings = 0
  signal.addEventListener('abort', () => {
    for (const { reject } of waiting.values()) reject(signal.reason)
    waiting.clear()
  })
  const question = async (about: { block: { kind: string, name: string } } | { page: number }): Promise<unknown> => {
    signal.throwIfAborted()
    const ask = ++asked
    return await new Promise((resolve, reject) => {
      waiting.set(ask, { resolve, reject })
      send({ ask, ...about })
    })
  }
  const block = async (kind: BlockKind | string, name: string): Promise<unknown> =>
    await question({ block: { kind: typeof kind === 'string' ? kind : kind.kind, name } })
  async function * allAbsorbed (): AsyncGenerator<Trigger[]> {
    for (const reading = ++readings; ;) {
      const page = await question({ page: reading }) as Trigger[] | undefined
      if (page === undefined) return
      yield page
    }
  }
  const answered = (answer: Answer): void => {
    const one = waiting.get(answer.ask)
    waiting.delete(answer.ask)
    if ('failure' in answer) one?.reject(fromFailure(answer.failure))
    else one?.resolve(answer.value)
  }
  return { block: block as LoadBlock, allAbsorbed, answered }
}

type Knows = { block: LoadBlock, allAbsorbed: () => AsyncIterable<Trigger[]> }

/** In the worker. Each reading of the triggers goes on where its last page ended. */
export const createAnswers = ({ block, allAbsorbed }: Knows, send: (answer: Answer) => void) => {
  const readings = new Map<number, AsyncIterator<Trigger[]>>()
  const nextPage = async (reading: number): Promise<Trigger[] | undefined> => {
    const pages = readings.get(reading) ?? allAbsorbed()[Symbol.asyncIterator]()
    readings.set(reading, pages)
    const { value, done } = await pages.next()
    return done === true ? undefined : value
  }
  return (question: Question): void => {
    const { ask } = question
    const answer: Promise<unknown> = 'block' in question
      ? block(question.block.kind, question.block.name)
      : nextPage(question.page)
    answer.then(
      (value) => send({ ask, value }),
      (thrown: unknown) => send({ ask, failure: toFailure(thrown) })
    )
  }
}
