/** Words by Zipf's law, of a vocabulary of so many. */
const VOCABULARY = 30_000

let seed = 7
const random = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648

function wordAt (rank: number): string {
  let word = ''
  for (let rest = rank + 26; rest > 0; rest = Math.floor(rest / 21)) word += 'bcdfghklmnprstvwaeiou'[rest % 21]
  return word
}

const someWord = (): string => wordAt(Math.floor(VOCABULARY ** random()) - 1)
const someWords = (count: number): string => Array.from({ length: count }, someWord).join(' ')

/** The sentences of a meeting of so many words, the same every time. */
export function makeSentences (words: number): string[] {
  const sentences: string[] = []
  for (let made = 0; made < words;) {
    const count = 8 + Math.floor(random() * 12)
    made += count
    sentences.push(`${someWords(count)}.`)
  }
  return sentences
}

/** Questions of 1 to 5 words. */
export const makeQuestions = (count: number): string[] => Array.from({ length: count }, (_, q) => someWords(1 + q % 5))

export function percentile (times: readonly number[], share: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? 0
}
