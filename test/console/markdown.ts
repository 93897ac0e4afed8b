import t from 'tap'
import { readMarkdown } from '../../src/console/lib/markdown.ts'

const plain = (text: string) => ({ kind: 'plain', text })

t.test('headings, lists, code and bold are read; all else is text as it was written', async (t) => {
  t.same(readMarkdown('# Title\n\nOne **two** `three`\n- a\n* b\n2. c\n```\n<b>\n# no heading\n```\nend'), [
    { kind: 'heading', line: [plain('Title')] },
    { kind: 'paragraph', line: [plain('One '), { kind: 'bold', text: 'two' }, plain(' '), { kind: 'code', text: 'three' }] },
    { kind: 'list', items: [[plain('a')], [plain('b')], [plain('c')]] },
    { kind: 'code', text: '<b>\n# no heading' },
    { kind: 'paragraph', line: [plain('end')] }
  ])
  t.same(readMarkdown('<img src=x> [a](javascript:alert(1)) ** `'), [{ kind: 'paragraph', line: [plain('<img src=x> [a](javascript:alert(1)) ** `')] }])
  t.same(readMarkdown('```\nopen'), [{ kind: 'code', text: 'open' }])
})
