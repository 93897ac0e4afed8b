import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { deadline } from '../../../base/deadline.ts'
import { errors } from '../../../base/errors.ts'
import { retry } from '../../../base/retry.ts'
import { splitSentences } from '../model/sentences.ts'
import type { Token } from '../model/tokens.ts'
import type { SpeechEngine } from './engine.ts'
import { readAnswer, type Heard } from './openai-answer.ts'
import { cutAtSilences, type Piece } from './silences.ts'
import type { Wav } from './wav.ts'

export type OpenaiSettings = {
  /** With its `/v1`. */
  base_url: string
  api_key?: string | undefined
  model: string
  language?: string | undefined
  /** Where the model is known by no name and the server says nothing of its own. */
  confidence?: number | undefined
  chunk_seconds?: number | undefined
  /** For one piece. */
  timeoutMs: number
  retryMs: number
}

/** What the sizes of Whisper are worth, by the measure of the Council Data Project. */
const worth = new Map([['tiny', 0.5], ['base', 0.6], ['small', 0.65], ['medium', 0.71], ['large', 0.72], ['whisper-1', 0.72]])
const UNKNOWN = 0.5
const CHUNK_SECONDS = 600
const TRIES = 3
const MAX_ANSWER = 64 * 1024 * 1024

/** Any server of `POST {base}/audio/transcriptions`. Long audio is cut at silences; each piece is streamed to the server. */
export function openaiSpeech (settings: OpenaiSettings): SpeechEngine {
  const { model, language, chunk_seconds: chunkSeconds = CHUNK_SECONDS, confidence: fixed } = settings
  return {
    generator: `Signalbox speech to text 1.0.0 -- ${model}`,
    key: JSON.stringify(['openai', settings.base_url, model, language ?? null, chunkSeconds, fixed ?? null]),
    listen: async (wav, { folder, signal, log, progress }) => {
      const pieces = await cutAtSilences(wav, chunkSeconds, { folder, signal })
      if (pieces.length > 1) log(`${pieces.length} pieces of at most ${chunkSeconds} s`)
      const tokens: Token[] = []
      const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
      try {
        for (const piece of pieces) {
          const { words, probability } = await retry(() => hear(wav, piece, settings, agent, signal), { tries: TRIES, delays: [settings.retryMs], signal, log })
          const confidence = fixed ?? worthOf(model) ?? probability ?? UNKNOWN
          tokens.push(...words.map(({ text, start, end }) => ({ text, start: piece.start + start, end: piece.start + end, confidence, turn: null, speaker: null })))
          progress(piece.end)
        }
      } finally {
        await agent.destroy()
      }
      return splitSentences(tokens)
    }
  }
}

const worthOf = (model: string): number | undefined => worth.get(model) ?? worth.get(/(?:^|[/_.-])(tiny|base|small|medium|large)(?:[._-]|$)/.exec(model)?.[1] ?? '')

async function hear (wav: Wav, { start, end }: Piece, settings: OpenaiSettings, dispatcher: Agent, signal: AbortSignal): Promise<Heard> {
  const late = deadline(settings.timeoutMs)
  const { type, length, source } = form(settings, wav.slice(start, end))
  const url = `${settings.base_url.replace(/\/+$/, '')}/audio/transcriptions`
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.any([signal, late]),
      headers: { 'content-type': type, 'content-length': String(length), accept: 'application/json', ...settings.api_key === undefined ? {} : { authorization: `Bearer ${settings.api_key}` } },
      body: Readable.from(source, { objectMode: false })
    })
    const text = await readText(body)
    if (statusCode !== 200) throw refusal(statusCode, text)
    const heard = readAnswer(parse(text), end - start)
    if (heard === undefined) throw errors.final(`the speech service answers with something else than a transcription: ${text.slice(0, 200)}`)
    return heard
  } catch (error) {
    signal.throwIfAborted()
    if (late.aborted) throw new Error(`the speech service did not answer within ${settings.timeoutMs / 1000} s`)
    throw error
  }
}

/** multipart/form-data, written by hand: FormData would hold the whole file in memory. */
function form ({ model, language }: OpenaiSettings, file: { bytes: number, source: AsyncIterable<Uint8Array> }): { type: string, length: number, source: AsyncIterable<Uint8Array> } {
  const boundary = `signalbox-${randomUUID()}`
  const fields = [['model', model], ...language === undefined ? [] : [['language', language]], ['response_format', 'verbose_json'], ['timestamp_granularities[]', 'word'], ['timestamp_granularities[]', 'segment']]
  const part = (name: string, more: string): string => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`
  const head = Buffer.from(fields.map(([name = '', value = '']) => `${part(name, '')}${value}\r\n`).join('') + part('file', '; filename="audio.wav"\r\ncontent-type: audio/wav'))
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  async function * source (): AsyncGenerator<Uint8Array> {
    yield head
    yield * file.source
    yield tail
  }
  return { type: `multipart/form-data; boundary=${boundary}`, length: head.length + file.bytes + tail.length, source: source() }
}

async function readText (body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER) throw errors.final(`the speech service answers with more than ${MAX_ANSWER} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a repeat does not change is final. */
function refusal (statusCode: number, text: string): Error {
  const message = `the speech service answers with status ${statusCode}: ${text.slice(0, 300)}`
  return statusCode >= 500 || statusCode === 408 || statusCode === 429 ? new Error(message) : errors.final(message)
}
