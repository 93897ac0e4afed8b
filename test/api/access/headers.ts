import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { withoutForeign } from '../../../src/api/access/headers.ts'
import { HOME } from '../../fixtures/places.ts'

t.test('a page loses what it would load from another host, and nothing else', async (t) => {
  const own = '<link href="static/a.css" rel="stylesheet"><script src="/b.js"></script><a href="https://example.org">out</a>'
  t.equal(withoutForeign(`<link rel="stylesheet" href="https://fonts.example/css?a=b">${own}<script src="//cdn.example/x.js"></script>`), own)
  t.equal(withoutForeign('<img src=http://pixel.example/x.png>'), '')
})

const board = join(HOME, 'node_modules', '@bull-board', 'ui', 'dist', 'index.ejs')

t.test('the page of the board names no other host', { skip: existsSync(board) ? false : 'the board is not installed' }, async (t) => {
  t.notMatch(withoutForeign(readFileSync(board, 'utf8')), /(href|src)="https?:/)
})
