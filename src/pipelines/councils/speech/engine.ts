import { errors } from '../../../base/errors.ts'
import { toSentences, toTranscript, type Token } from '../model/tokens.ts'
import type { Transcript } from '../model/transcript.ts'
import { findVoice, type Voice } from './voice.ts'
import type { Wav } from './wav.ts'

export type SpeechRun = {
  /** For temporary files. */
  folder: string
  signal: AbortSignal
  log: (line: string) => void
  /** Told the seconds of audio that are done. */
  progress: (seconds: number) => void
  /** Names and terms of the meeting, the most telling first: an engine that takes a prompt is given them. */
  vocabulary?: readonly string[]
}

/** Something that hears words. */
export interface SpeechEngine {
  readonly generator: string
  /** Everything that its answer depends on, but for the vocabulary: another key is another transcript. */
  readonly key: string
  /** The words of what is to be heard in the audio, sentence by sentence; none where it hears none. */
  listen: (wav: Wav, voice: Voice, run: SpeechRun) => Promise<Token[][]>
}

/** @throws FINAL where no word was heard: an empty transcript is none */
export async function transcribeSpeech (
  engine: SpeechEngine,
  wav: Wav,
  facts: { sessionDatetime: string | null },
  run: SpeechRun
): Promise<Transcript> {
  if (wav.seconds === 0) throw errors.final('the audio is empty')
  const voice = await findVoice(wav, run.signal)
  const sentences = voice.spans.length === 0 ? [] : toSentences(await engine.listen(wav, voice, run))
  if (sentences.length === 0) {
    throw errors.final(`no words were heard in ${wav.seconds.toFixed(1)} s of audio (${engine.generator})`)
  }
  return toTranscript(sentences, { ...facts, generator: engine.generator, now: new Date() })
}

const PROMPT_LETTERS = 800

/** As much of the vocabulary as a prompt may have. */
export function promptOf (vocabulary: readonly string[] = []): string | undefined {
  let prompt = ''
  for (const term of vocabulary) {
    if (prompt.length + term.length + 2 > PROMPT_LETTERS) break
    prompt += `${prompt === '' ? '' : ', '}${term}`
  }
  return prompt === '' ? undefined : `${prompt}.`
}
