import { errors } from '../../../base/errors.ts'
import { toSentences, toTranscript, type Token } from '../model/tokens.ts'
import type { Transcript } from '../model/transcript.ts'
import type { Wav } from './wav.ts'

export type SpeechRun = {
  /** For temporary files. */
  folder: string
  signal: AbortSignal
  log: (line: string) => void
  /** Told the seconds of audio that are done. */
  progress: (seconds: number) => void
}

/** Something that hears words. */
export interface SpeechEngine {
  readonly generator: string
  /** Everything that its answer depends on: another key is another transcript. */
  readonly key: string
  /** The words of the audio, sentence by sentence; none where it hears none. */
  listen: (wav: Wav, run: SpeechRun) => Promise<Token[][]>
}

/** @throws FINAL where no word was heard: an empty transcript is none */
export async function transcribeSpeech (engine: SpeechEngine, wav: Wav, facts: { sessionDatetime: string | null }, run: SpeechRun): Promise<Transcript> {
  if (wav.seconds === 0) throw errors.final('the audio is empty')
  const sentences = toSentences(await engine.listen(wav, run))
  if (sentences.length === 0) throw errors.final(`no words were heard in ${wav.seconds.toFixed(1)} s of audio (${engine.generator})`)
  return toTranscript(sentences, { ...facts, generator: engine.generator, now: new Date() })
}
