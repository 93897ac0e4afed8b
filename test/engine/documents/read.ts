import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import t from 'tap'
import { createReader } from '../../../src/engine/documents/read.ts'
import { HOME } from '../../fixtures/places.ts'

const read = createReader(Type.Object({ v: Type.Literal(1), name: Type.String() }), 'thing')

t.test('a document is read as one of this version, or refused with what it is', async (t) => {
  t.equal(read(undefined), undefined)
  t.equal(read({ rev: 2, value: undefined, counts: {} }), undefined, 'one that was removed is none')
  t.same(read({ rev: 2, value: { v: 1, name: 'a' }, counts: { n: 1 } }), { rev: 2, value: { v: 1, name: 'a' }, counts: { n: 1 } })
  for (const value of [{ v: 2, name: 'a' }, { name: 'a' }]) {
    t.throws(() => read({ rev: 1, value, counts: {} }), { message: `a document of the ledger is no thing of this version: ${JSON.stringify(value)}` })
  }
})

t.test('every shape that the ledger keeps has a version', async (t) => {
  const engine = join(HOME, 'src', 'engine')
  const texts = readdirSync(engine, { recursive: true }).map(String).filter((file) => file.endsWith('.ts')).map((file) => readFileSync(join(engine, file), 'utf8'))
  const named = texts.flatMap((text) => [...text.matchAll(/(?:createReader|createDocuments)\((?:ledger, )?(\w+Schema)\b/g)].map(([, schema = '']) => schema))
  t.ok(named.length > 8, named.join())
  const versioned = texts.join('\n')
  const without = named.filter((schema) => !new RegExp(`const ${schema} = Type\\.Object\\(\\{\\s*v: Type\\.Literal\\(\\d+\\)`).test(versioned))
  t.same(without, [])
})
