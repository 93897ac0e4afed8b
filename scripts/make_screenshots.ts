import { join } from 'node:path'
import { chromium } from 'playwright-core'

// Makes the pictures of the docs from a service that runs with the shipped lookups: npm start, then jiti scripts/make_screenshots.ts [URL]

const [, , url = 'http://127.0.0.1:3000'] = process.argv
const docs = join(import.meta.dirname, '..', 'docs')
const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
const page = await browser.newPage({ viewport: { width: 1200, height: 720 }, reducedMotion: 'reduce' })

await page.goto(`${url}/console/submit?type=new_assembly`)
await page.getByText('event_lookup.json lists dump_dna').first().waitFor()
await page.screenshot({ path: join(docs, 'console-submit.png') })

await page.getByRole('button', { name: 'Submit', exact: true }).click()
await page.locator('h1', { hasText: 'complete' }).waitFor()
await page.getByRole('treeitem', { name: /dump_dna/ }).click()
await page.getByText('28000 bases').first().waitFor()
// Down to the files, which name the store of this machine.
await page.screenshot({ path: join(docs, 'console-event.png'), clip: { x: 0, y: 0, width: 1200, height: 640 } })
await browser.close()
