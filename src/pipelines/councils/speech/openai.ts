import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { deadline } from '../../../base/deadline.ts'
import { errors } from '../../../base/errors.ts'
import { retry } from '../../../base/retry.ts'
import { promptOf, type SpeechEngine, type SpeechRun } from './engine.ts'
import { readAnswer, type Heard } from './openai-answer.ts'
import { hearPieces } from './piecewise.ts'
import type { Piece } from './pieces.ts'
import type { Wav } from './wav.ts'
import { worthOf } from './worth.ts'

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

const UNKNOWN = 0.5
const CHUNK_SECONDS = 600
const TRIES = 3
const MAX_ANSWER = 64 * 1024 * 1024

/**
 * Any server of `POST {base}/audio/transcriptions`. Long audio is cut at silences; each piece is
 * streamed to the server.
 */
export function openaiSpeech (settings: OpenaiSettings): SpeechEngine {
  const { model, language, chunk_seconds: chunkSeconds = CHUNK_SECONDS, confidence: fixed } = settings
  return {
    generator: `Signalbox speech to text 1.0.0 -- ${model}`,
    key: JSON.stringify(['openai', settings.base_url, model, language ?? null, chunkSeconds, fixed ?? null]),
    listen: async (wav, voice, run) => {
      const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
      const { signal, log } = run
      try {
        return await hearPieces(
          voice,
          chunkSeconds,
          ({ probability }) => fixed ?? worthOf(model) ?? probability ?? UNKNOWN,
          async (piece) =>
            await retry(() => hear({ wav, piece, settings, dispatcher }, run), {
              tries: TRIES,
              delays: [settings.retryMs],
              signal,
              log
            }),
          run
        )
      } finally {
        await dispatcher.destroy()
      }
    }
  }
}

type Hearing = { wav: Wav, piece: Piece, settings: OpenaiSettings, dispatcher: Agent }

async function hear ({ wav, piece, settings, dispatcher }: Hearing, { signal, vocabulary }: SpeechRun): Promise<Heard> {
  const late = deadline(settings.timeoutMs)
  const { type, length, source } = form(settings, promptOf(vocabulary), wav.slice(piece.spans))
  const url = `${settings.base_url.replace(/\/+$/, '')}/audio/transcriptions`
  const authorization = settings.api_key === undefined ? undefined : `Bearer ${settings.api_key}`
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.any([signal, late]),
      headers: { 'content-type': type, 'content-length': String(length), accept: 'application/json', authorization },
      body: Readable.from(source, { objectMode: false })
    })
    const text = await readText(body)
    if (statusCode !== 200) throw refusal(statusCode, text)
    const heard = readAnswer(parse(text), piece.seconds)
    if (heard === undefined) {
      throw errors.final(`the speech service answers with something else than a transcription: ${text.slice(0, 200)}`)
    }
    return heard
  } catch (error) {
    signal.throwIfAborted()
    if (late.aborted) throw new Error(`the speech service did not answer within ${settings.timeoutMs / 1000} s`)
    throw error
  }
}

type Audio = { bytes: number, source: AsyncIterable<Uint8Array> }

/** multipart/form-data, written by hand: FormData would hold the whole file in memory. */
function form (
  { model, language }: OpenaiSettings,
  prompt: string | undefined,
  file: Audio
): { type: string, length: number, source: AsyncIterable<Uint8Array> } {
  const boundary = `signalbox-${randomUUID()}`
  const given = [
    ['model', model],
    ['language', language],
    ['prompt', prompt],
    ['response_format', 'verbose_json'],
    ['timestamp_granularities[]', 'word'],
    ['timestamp_granularities[]', 'segment']
  ]
  const fields = given.filter(([, value]) => value !== undefined)
  const part = (name: string, more: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`
  const head = Buffer.from(
    fields.map(([name = '', value = '']) => `${part(name, '')}${value}\r\n`).join('') +
      part('file', '; filename="audio.wav"\r\ncontent-type: audio/wav')
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  async function * source (): AsyncGenerator<Uint8Array> {
    yield head
    yield * file.source
    yield tail
  }
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    length: head.length + file.bytes + tail.length,
    source: source()
  }
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
