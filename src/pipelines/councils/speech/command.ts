import { createWriteStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { errors } from '../../../base/errors.ts'
import { runProgram } from '../media/program.ts'
import { readCommandAnswer } from './command-answer.ts'
import { promptOf, type SpeechEngine, type SpeechRun } from './engine.ts'
import type { Heard } from './openai-answer.ts'
import { hearPieces } from './piecewise.ts'
import type { Piece } from './pieces.ts'
import type { Wav } from './wav.ts'
import { worthOf } from './worth.ts'

export type CommandSettings = {
  /** Program and arguments with `{wav}`, `{output}`, `{language}` and `{prompt}` in them. */
  command: readonly string[]
  language?: string | undefined
  confidence?: number | undefined
  chunk_seconds?: number | undefined
  /** For one piece. */
  timeoutMs: number
}

const UNKNOWN = 0.5
/** Programs read a file of any length; what is kept in memory is their answer. */
const CHUNK_SECONDS = 7200

/** A program of the operator that hears words: whisper.cpp, faster-whisper, vosk and what answers as they do. */
export function commandSpeech (settings: CommandSettings): SpeechEngine {
  const { command, language, confidence, chunk_seconds: most = CHUNK_SECONDS } = settings
  const worth = confidence ?? command.map(worthOf).find((one) => one !== undefined)
  return {
    generator: `Signalbox speech to text 1.0.0 -- ${(command[0] ?? '').split('/').at(-1)}`,
    key: JSON.stringify(['command', command, language ?? null, most, confidence ?? null]),
    listen: async (wav, voice, run) =>
      await hearPieces(
        voice,
        most,
        ({ probability }) => worth ?? probability ?? UNKNOWN,
        async (piece) => await hear(wav, piece, settings, run),
        run
      )
  }
}

async function hear (
  wav: Wav,
  piece: Piece,
  settings: CommandSettings,
  { folder, signal, vocabulary }: SpeechRun
): Promise<Heard> {
  const files = { wav: join(folder, 'piece.wav'), output: join(folder, 'piece'), stdout: join(folder, 'piece.out') }
  await Promise.all(
    ['piece.json', 'piece'].map(async (name) => {
      await rm(join(folder, name), { force: true })
    })
  )
  await pipeline(wav.slice(piece.spans).source, createWriteStream(files.wav), { signal })
  const values: Record<string, string> = {
    wav: files.wav,
    output: files.output,
    language: settings.language ?? 'auto',
    prompt: promptOf(vocabulary) ?? ''
  }
  const [name = '', ...args] = settings.command.map((part) =>
    part.replace(/\{(wav|output|language|prompt)\}/g, (_, key: string) => values[key] ?? '')
  )
  await runProgram(
    { name, packages: name },
    { args, folder, signal, timeoutMs: settings.timeoutMs, stdoutFile: files.stdout }
  )
  for (const file of [`${files.output}.json`, files.output, files.stdout]) {
    const text = await readFile(file, 'utf8').catch(() => '')
    const heard = text.trim() === '' ? undefined : readCommandAnswer(text, piece.seconds)
    if (heard !== undefined) return heard
  }
  throw errors.final(
    `${name} wrote no transcription that can be read, neither as {output} nor to its standard output`
  )
}
