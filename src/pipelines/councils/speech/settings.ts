import { Type, type Static } from 'typebox'
import { namesBlock, type LoadBlock } from '../../../sdk/blocks/kind.ts'
import { openaiSpeech as openaiBlock } from '../blocks/openai_speech.ts'
import { DurationSchema, toMilliseconds } from '../../../base/duration.ts'
import { commandSpeech } from './command.ts'
import type { SpeechEngine } from './engine.ts'
import { openaiSpeech } from './openai.ts'
import { pocketsphinx } from './pocketsphinx.ts'

/** Which engine hears the words. */
export const SpeechSettingsSchema = Type.Union([
  Type.Object({ engine: Type.Literal('pocketsphinx') }, { additionalProperties: false }),
  Type.Object(
    {
      engine: Type.Literal('openai'),
      block: namesBlock('openai_speech', Type.String({ minLength: 1, description: 'Name of a block openai_speech' })),
      language: Type.Optional(Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z]{2,4})?$' })),
      confidence: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'Of the model; without it the one of its size, by its name'
        })
      ),
      chunk_seconds: Type.Optional(
        Type.Number({ minimum: 1, maximum: 7200, description: 'Longest piece that is sent at once; 600 without it' })
      ),
      timeout: Type.Optional(DurationSchema)
    },
    { additionalProperties: false }
  ),
  Type.Object(
    {
      engine: Type.Literal('command'),
      command: Type.Array(Type.String(), {
        minItems: 1,
        description:
          'Program and arguments; {wav} is the audio, {output} a file for the JSON (.json may be put behind it), ' +
          '{language} and {prompt} what they say. Standard output is read where no file is written'
      }),
      language: Type.Optional(Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z]{2,4})?$' })),
      confidence: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'Without it what the program says, or what the size of the model in the command is worth'
        })
      ),
      chunk_seconds: Type.Optional(
        Type.Number({
          minimum: 1,
          maximum: 86_400,
          description: 'Longest audio that is given at once; 7200 without it'
        })
      ),
      timeout: Type.Optional(DurationSchema)
    },
    { additionalProperties: false }
  )
])

export type SpeechSettings = Static<typeof SpeechSettingsSchema>

export async function openEngine (settings: SpeechSettings, block: LoadBlock, retryMs: number): Promise<SpeechEngine> {
  if (settings.engine === 'pocketsphinx') return pocketsphinx
  const { language, confidence, chunk_seconds: chunkSeconds, timeout = '1h' } = settings
  if (settings.engine === 'command') {
    return commandSpeech({
      command: settings.command,
      language,
      confidence,
      chunk_seconds: chunkSeconds,
      timeoutMs: toMilliseconds(timeout)
    })
  }
  const { base_url: baseUrl, api_key: apiKey, model } = await block(openaiBlock, settings.block)
  return openaiSpeech({
    base_url: baseUrl,
    api_key: apiKey,
    model,
    language,
    confidence,
    chunk_seconds: chunkSeconds,
    timeoutMs: toMilliseconds(timeout),
    retryMs
  })
}
