import { fold, wordsOf, type Word } from '../index/terms.ts'
import { findMeeting } from '../index/meetings.ts'
import { readJson, writeJson } from '../model/documents.ts'
import type { EventMinutesItem } from '../model/model.ts'
import type { Section, Sentence, Transcript } from '../model/transcript.ts'
import type { Store } from '../../../sdk/store/open.ts'

const GENERATOR = 'Signalbox sections 1.0.0 -- titles that are read aloud'
/** A number with so many digits is that of one bill; a title is known by the first of its words that tell something. */
const [DIGITS, TITLE_WORDS, SHARE] = [4, 12, 0.7]
/** A title of fewer telling words must be said word for word, and by itself. */
const [SHORT_TITLE, SHORT_SENTENCE] = [2, 12]
/** A title is read over so many sentences at most; so many places of an item are compared. */
const [WINDOW, PLACES] = [3, 8]

type Place = { item: number, at: number, score: number }
type Said = { terms: ReadonlySet<string>, numbers: ReadonlySet<string>, words: string[] }

/**
 * The items of the agenda as sections of a transcript: each from where its number or its title is read aloud to where
 * the next one is. An item that nobody reads has none. They keep the order of the agenda: what is mentioned before its
 * turn or after it is no beginning.
 */
export function placeSections (sentences: readonly Sentence[], items: readonly EventMinutesItem[]): Section[] {
  const said = sentences.map(({ text }) => listen(text))
  const places = items.map((item, i) => placesOf(item, i, said))
  const chosen = inOrder(places)
  return chosen.map(({ item, at }, i) => {
    const { minutes_item: minutesItem, matter } = items[item] as EventMinutesItem
    return {
      name: minutesItem.name,
      start_sentence_index: at,
      stop_sentence_index: chosen[i + 1]?.at ?? sentences.length,
      generator: GENERATOR,
      description: matter?.title ?? minutesItem.description
    }
  })
}

/** The transcript with the sections that its meeting has now; those that people have set stay. */
export function withSections (transcript: Transcript, items: readonly EventMinutesItem[]): Transcript {
  const { sections: before, ...others } = transcript.annotations ?? {}
  if (before?.some(({ generator }) => generator !== GENERATOR) === true) return transcript
  const sections = placeSections(transcript.sentences, items)
  const annotations = sections.length > 0 ? { ...others, sections } : Object.keys(others).length > 0 ? others : null
  return { ...transcript, annotations }
}

/** The same for the transcripts in force of a meeting whose record has changed. Answers how many it has changed. */
export async function updateSections (
  store: Store,
  eventId: string,
  items: readonly EventMinutesItem[],
  signal: AbortSignal
): Promise<number> {
  let changed = 0
  for (const { file } of (await findMeeting(store, eventId))?.sessions ?? []) {
    const before = (await readJson(store, file)) as Transcript | undefined
    if (!Array.isArray(before?.sentences)) continue
    const after = withSections(before, items)
    if (JSON.stringify(after.annotations) === JSON.stringify(before.annotations ?? null)) continue
    await writeJson(store, file, after, signal)
    changed++
  }
  return changed
}

function listen (text: string): Said {
  const { words, joins } = wordsOf(text)
  const telling = words.filter(({ isStop }) => !isStop)
  const terms = new Set([...telling, ...joins].map(({ term }) => term))
  return { terms, numbers: new Set(numbersOf(words)), words: words.map(({ written }) => fold(written)) }
}

const numbersOf = (words: Word[]): string[] =>
  words.flatMap(({ written }) => /^\d+$/.test(written) && written.length >= DIGITS ? [written] : [])

/** Where an item may begin, the likeliest first. */
function placesOf ({ minutes_item: item, matter }: EventMinutesItem, place: number, said: readonly Said[]): Place[] {
  const names = [item.name, ...matter === null ? [] : [matter.name]]
  const numbers = new Set(names.flatMap((name) => numbersOf(wordsOf(name).words)))
  const titles = [...new Set([...names, item.description, matter?.title])].flatMap((title) => title ?? [])
  const scores = said.map((one, at) => {
    const isNumbered = [...numbers].some((number) => one.numbers.has(number))
    const title = Math.max(0, ...titles.map((text) => titleScore(text, at, said)))
    return { item: place, at, score: title + Number(isNumbered) }
  })
  // A title of some sentences begins with the first of them.
  const likely = scores.filter(({ score }) => score > 0)
  return likely.sort((one, other) => other.score - one.score || one.at - other.at).slice(0, PLACES)
}

/** How much of a title is read from a sentence on, which must have a part of it; 0 where it is too little. */
function titleScore (title: string, at: number, said: readonly Said[]): number {
  const { words } = wordsOf(title)
  const telling = [...new Set(words.filter(({ isStop }) => !isStop).map(({ term }) => term))].slice(0, TITLE_WORDS)
  const first = said[at]
  if (telling.length === 0 || first === undefined) return 0
  if (telling.length <= SHORT_TITLE) return isSaidAlone(words.map(({ written }) => fold(written)), first) ? SHARE : 0
  if (!telling.some((term) => first.terms.has(term))) return 0
  const window = said.slice(at, at + WINDOW)
  const share = telling.filter((term) => window.some(({ terms }) => terms.has(term))).length / telling.length
  return share >= SHARE ? share : 0
}

function isSaidAlone (title: string[], { words }: Said): boolean {
  if (words.length > SHORT_SENTENCE) return false
  return words.some((_, from) => title.every((word, i) => words[from + i] === word))
}

/** Of the places of all items those that keep their order and score most together; of equal ones the first. */
function inOrder (places: readonly Place[][]): Place[] {
  type Chain = { place: Place, score: number, before: Chain | undefined }
  const chains: Chain[] = []
  for (const own of places) {
    const added = own.map((place): Chain => {
      const before = best(chains.filter((chain) => chain.place.at < place.at))
      return { place, score: place.score + (before?.score ?? 0), before }
    })
    chains.push(...added)
  }
  const chosen: Place[] = []
  for (let chain = best(chains); chain !== undefined; chain = chain.before) chosen.unshift(chain.place)
  return chosen
}

function best<T extends { place: Place, score: number }> (chains: readonly T[]): T | undefined {
  return chains.reduce<T | undefined>((most, chain) => {
    if (most === undefined || chain.score > most.score) return chain
    return chain.score === most.score && chain.place.at < most.place.at ? chain : most
  }, undefined)
}
