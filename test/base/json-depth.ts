import t from 'tap'
import { isTooDeep } from '../../src/base/json-depth.ts'

const nested = (open: string, close: string, levels: number): Buffer => Buffer.from(open.repeat(levels) + close.repeat(levels))

t.test('80 levels are taken, 81 are not, of lists, objects and both', async (t) => {
  t.equal(isTooDeep(nested('[', ']', 80)), false)
  t.equal(isTooDeep(nested('[', ']', 81)), true)
  t.equal(isTooDeep(nested('{"a":[', ']}', 40)), false)
  t.equal(isTooDeep(nested('{"a":[', ']}', 41)), true)
  t.equal(isTooDeep(nested('[', ']', 500_000)), true)
})

t.test('brackets side by side, and those within texts, are no levels', async (t) => {
  t.equal(isTooDeep(Buffer.from(`[${'[],'.repeat(10_000)}[]]`)), false)
  t.equal(isTooDeep(Buffer.from(JSON.stringify({ text: '['.repeat(1000), '[[{"': '\\"[['.repeat(1000) }))), false)
  t.equal(isTooDeep(Buffer.from(`"\\\\"${'['.repeat(81)}`)), true, 'a backslash before the end of a text ends with it')
})
