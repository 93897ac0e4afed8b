import { Type } from 'typebox'
import { type BlockKind, reaching, secret } from '../../../sdk/blocks/kind.ts'

const schema = Type.Object({
  base_url: reaching('address', Type.String({ pattern: '^https?://', default: 'https://api.openai.com/v1' })),
  api_key: Type.Optional(secret(Type.String({ minLength: 1, description: 'A server of one\'s own may need none' }))),
  model: Type.String({ minLength: 1, default: 'whisper-1' })
}, { additionalProperties: false })

export const openaiSpeech: BlockKind<typeof schema> = {
  kind: 'openai_speech',
  description: 'A service that transcribes speech by the interface of OpenAI',
  schema,
  env: { base_url: 'BASE_URL', api_key: 'API_KEY', model: 'SPEECH_MODEL' }
}
