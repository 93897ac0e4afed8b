import { runProgram, type Program } from '../media/program.ts'
import type { Token } from '../model/tokens.ts'
import type { SpeechEngine } from './engine.ts'

const POCKETSPHINX: Program = { name: 'pocketsphinx_continuous', packages: 'pocketsphinx pocketsphinx-en-us' }

/** Its words are worth less than those of any Whisper model, whatever it thinks of them. */
const WORTH = 0.4
/** It takes a quarter of the time of the audio; this is when it hangs. */
const timeoutMs = (seconds: number): number => 120_000 + seconds * 10_000

/**
 * US English, offline, with a model that Debian packages: a way that always works, not a good one.
 * It knows no punctuation: what it hears between two pauses is a sentence.
 */
export const pocketsphinx: SpeechEngine = {
  generator: 'Signalbox speech to text 1.0.0 -- pocketsphinx en-us',
  key: 'pocketsphinx en-us',
  listen: async (wav, _voice, { folder, signal, progress }) => {
    const sentences: Token[][] = []
    await runProgram(POCKETSPHINX, {
      args: ['-infile', wav.path, '-time', 'yes', '-logfn', '/dev/null'],
      folder,
      signal,
      timeoutMs: timeoutMs(wav.seconds),
      onLine: (line) => {
        const word = readWord(line)
        if (word === undefined) sentences.push([])
        else if (word !== 'filler') {
          sentences.at(-1)?.push(word)
          progress(word.end)
        }
      }
    })
    return sentences
  }
}

/** `was(2) 0.330 0.540 0.999800`: the second way to say it. Any other line is the text of the words that follow. */
function readWord (line: string): Token | 'filler' | undefined {
  const [, raw, start, end, confidence] = /^(\S+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/.exec(line) ?? []
  if (raw === undefined) return undefined
  if (/^(?:<.*>|\[.*\]|\+\+.*\+\+)$/.test(raw)) return 'filler'
  return {
    text: raw.replace(/\(\d+\)$/, ''),
    start: Number(start),
    end: Number(end),
    confidence: Math.min(1, Number(confidence)) * WORTH,
    turn: null,
    speaker: null
  }
}
