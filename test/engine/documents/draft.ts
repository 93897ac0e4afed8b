import t from 'tap'
import { createDraft, wokenBy } from '../../../src/engine/documents/draft.ts'

t.test('counters are netted, so that none touches zero in between', async (t) => {
  const draft = createDraft()
  draft.count('gate:p:"k"', 'upstream', 1)
  draft.count('gate:p:"k"', 'upstream', -1, { entries: [{ set: 'due', member: 'x', score: 1 }] })
  draft.count('event:e', 'open', -1, { entries: [{ set: 'ended', member: 'e', score: 1 }] })
  draft.count('event:e', 'open', 2)
  t.same(draft.unit().increments, [{ doc: 'event:e', field: 'open', by: 1, atZero: { entries: [{ set: 'ended', member: 'e', score: 1 }] } }])
})

t.test('of one member of a set the last word counts', async (t) => {
  const draft = createDraft()
  draft.enter('open:p', 'j', 1)
  draft.leave('open:p', 'j')
  draft.leave('failed', 'j')
  draft.enter('failed', 'j', 5)
  t.same(draft.unit().entries, [{ set: 'open:p', member: 'j', remove: true }, { set: 'failed', member: 'j', score: 5 }])
})

t.test('a document that was removed once is made anew by its revision of now', async (t) => {
  const draft = createDraft(new Map([['event:e', 7]]))
  draft.put('event:e', 0, {})
  draft.put('event:f', 0, {})
  draft.put('job:j', 3, {})
  t.same(draft.unit().expect, [{ doc: 'event:e', rev: 7 }, { doc: 'event:f', rev: 0 }, { doc: 'job:j', rev: 3 }])
  t.same(draft.made(), ['event:e', 'event:f'])
})

t.test('gates are woken by what is due now, and by counters that have come to zero', async (t) => {
  const draft = createDraft()
  draft.wake('gate:p:"a b"', 'in~j', 10)
  draft.wake('gate:p:"later"', 'at', 99)
  draft.count('gate:p:"zero"', 'upstream', -1, { entries: [{ set: 'due', member: 'gate:p:"zero" up~j', score: 10 }] })
  draft.count('gate:p:"one"', 'upstream', -1, { entries: [{ set: 'due', member: 'gate:p:"one" up~j', score: 10 }] })
  t.same(wokenBy(draft.unit(), [0, 1], 10), new Map([['gate:p:"a b"', ['gate:p:"a b" in~j']], ['gate:p:"zero"', ['gate:p:"zero" up~j']]]))
})
