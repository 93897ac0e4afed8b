import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import t from 'tap'
import { atPointer } from '../../src/base/json-pointer.ts'
import { HOME } from '../fixtures/places.ts'

type Message = { name: string, examples?: Array<{ payload: object }> }
type Listed = Record<string, { $ref: string }>
type Document = {
  asyncapi: string
  channels: Record<string, { messages: Listed }>
  operations: Record<string, { messages: Array<{ $ref: string }> }>
  components: { messages: Record<string, Message> }
}

const text = readFileSync(join(HOME, 'openapi', 'asyncapi.json'), 'utf8')
const document = JSON.parse(text) as Document
const messages = Object.values(document.components.messages)
const ajv = () => addFormats.default(new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false }))

t.test("the AsyncAPI document is what AsyncAPI's own schema of its version asks for", async (t) => {
  const { schemas } = createRequire(import.meta.url)('@asyncapi/specs') as { schemas: Record<string, object> }
  const validate = ajv().compile(schemas[document.asyncapi] ?? {})
  t.ok(validate(document), JSON.stringify(validate.errors))
  for (const wrong of [{ ...document, servers: { local: { host: '127.0.0.1' } } }, { ...document, channel: {} }]) t.notOk(validate(wrong))
})

t.test('every reference leads to a message, and operations name those of their channel', async (t) => {
  const refs = [...text.matchAll(/"\$ref": "#([^"]*)"/g)].map(([, pointer = '']) => pointer)
  t.ok(refs.length > messages.length)
  t.same(refs.filter((pointer) => atPointer(document, pointer) === undefined), [])
})

t.test('every example is an event that its own schema takes', async (t) => {
  const validator = ajv().addSchema(document, 'asyncapi.json')
  t.ok(messages.some(({ examples = [] }) => examples.length > 0))
  for (const { name, examples = [] } of messages) {
    const schema = { $ref: `asyncapi.json#/components/messages/${name}/payload` }
    for (const { payload } of examples) t.ok(validator.validate(schema, payload), `${name}: ${validator.errorsText()}`)
    t.notOk(validator.validate(schema, { type: `${name}s` }))
  }
})

const parser = '@asyncapi/parser'
const skip = existsSync(join(HOME, 'node_modules', parser)) ? false : `no ${parser} here (npm install --no-save ${parser}@3.6.6; every night)`

t.test("AsyncAPI's parser reads it without an error", { skip }, async (t) => {
  const { Parser } = await import(parser) as { Parser: new () => { parse: (text: string) => Promise<{ document?: { allMessages: () => { all: () => unknown[] } }, diagnostics: Array<{ severity: number, message: string }> }> } }
  const { document: read, diagnostics } = await new Parser().parse(text)
  t.same(diagnostics.filter(({ severity }) => severity === 0), [])
  t.equal(read?.allMessages().all().length, messages.length)
})
