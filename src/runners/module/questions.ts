import type { BlockKind, LoadBlock } from '../../sdk/blocks/kind.ts'
import type { Trigger } from '../../sdk/process.ts'
import type { KeptArtefact } from '../../sdk/steps/artefact.ts'
import type { StepReport, StepReports } from '../../sdk/steps/reports.ts'
import { type Failure, fromFailure, toFailure } from '../failure.ts'

type About = { block: { kind: string, name: string } } | { page: number } | { recall: string } | { step: StepReport }

/**
 * A thread has no connection to the datastore and no key: it asks the worker for blocks, for pages of triggers, for
 * what a step remembers, and to keep that.
 */
export type Question = { ask: number } & About
/** What it tells of its steps, and waits for no answer. */
export type Told = { step: StepReport } | { artefact: KeptArtefact }
export type Answer = { ask: number } & ({ value: unknown } | { failure: Failure })

type Asked = { resolve: (value: unknown) => void, reject: (error: unknown) => void }

/** In the thread. */
export const createQuestions = (send: (message: Question | Told) => void, signal: AbortSignal) => {
  const waiting = new Map<number, Asked>()
  let asked = 0
  let readings = 0
  signal.addEventListener('abort', () => {
    for (const { reject } of waiting.values()) reject(signal.reason)
    waiting.clear()
  })
  const question = async (about: About): Promise<unknown> => {
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
  let places = 0
  const steps: StepReports = {
    open: () => places++,
    step: async (step) => {
      if (step.remember === undefined) send({ step })
      else await question({ step })
    },
    artefact: (artefact) => { send({ artefact }) },
    recall: async (recall) => await question({ recall }) as Awaited<ReturnType<StepReports['recall']>>
  }
  const answered = (answer: Answer): void => {
    const one = waiting.get(answer.ask)
    waiting.delete(answer.ask)
    if ('failure' in answer) one?.reject(fromFailure(answer.failure))
    else one?.resolve(answer.value)
  }
  return { block: block as LoadBlock, allAbsorbed, steps, answered }
}

type Knows = { block: LoadBlock, allAbsorbed: () => AsyncIterable<Trigger[]>, steps: StepReports }

/** In the worker. Each reading of the triggers goes on where its last page ended. */
export const createAnswers = ({ block, allAbsorbed, steps }: Knows, send: (answer: Answer) => void) => {
  const readings = new Map<number, AsyncIterator<Trigger[]>>()
  const nextPage = async (reading: number): Promise<Trigger[] | undefined> => {
    const pages = readings.get(reading) ?? allAbsorbed()[Symbol.asyncIterator]()
    readings.set(reading, pages)
    const { value, done } = await pages.next()
    return done === true ? undefined : value
  }
  const find = async (question: Question): Promise<unknown> => {
    if ('block' in question) return await block(question.block.kind, question.block.name)
    if ('page' in question) return await nextPage(question.page)
    return await ('recall' in question ? steps.recall(question.recall) : steps.step(question.step))
  }
  return (question: Question): void => {
    const { ask } = question
    find(question).then(
      (value) => send({ ask, value }),
      (thrown: unknown) => send({ ask, failure: toFailure(thrown) })
    )
  }
}
