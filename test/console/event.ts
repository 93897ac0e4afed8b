import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { missing, openBackend, until } from '../fixtures/servers.ts'
import { openService, temporaryFolder } from '../fixtures/service.ts'
import { fits, noBrowser, openBrowser, openPage, shoot, violations } from './fixtures/browser.ts'

const WORK = { module: join(import.meta.dirname, 'fixtures', 'work.mjs'), export: 'work', thread: false }
const process = { run: WORK, concurrency: 50 }
const many = (type: string, data: object = {}) => Array.from({ length: 11 }, () => ({ type, data }))
const SUBJECT = '<img src=x onerror="document.title=1"> javascript:alert(1) ☃'
const HOSTILE = '<img src=x onerror="document.title=1"> javascript:alert(1) \u202eback\u202c \u0007 ☃ 𝒳'

t.setTimeout(300_000)

t.test('an event and what comes of it', { skip: noBrowser || missing('redis') }, async (t) => {
  const backend = await openBackend('redis')
  t.teardown(() => backend.close())
  const folder = temporaryFolder(t)
  const broken = join(folder, 'broken')
  const hold = join(folder, 'hold')
  writeFileSync(broken, '')
  const { call, url } = await openService(t, {
    backend: backend.url,
    lookups: {
      events: { slow: ['slow'], big: ['a', 'b', 'c', 'd'], middle: ['middle'], leaf: ['leaf'], wide: ['gather'], found: ['leaf'], hostile: ['talks'] },
      processes: {
        ...Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { ...process, params: { default: { emit: many('middle', { emit: many('leaf', { fail: 'leaf', broken }) }) } } }])),
        middle: process,
        leaf: process,
        slow: process,
        talks: process,
        gather: { ...process, params: { default: { emit: Array.from({ length: 40 }, () => ({ type: 'found' })) } } }
      }
    },
    env: { SIGNALBOX_MAX_STREAMS: '3' }
  })
  const submit = async (type: string, more: object = {}): Promise<string> => {
    const { headers, body } = await call('POST', '/jobs', { type, ...more })
    if (headers['location'] === undefined) throw new Error(JSON.stringify(body))
    return String(headers['location'])
  }
  const ended = async (path: string): Promise<void> => {
    await until(async () => (await call('GET', path)).body.tree_status !== 'incomplete', 'the end')
  }
  const browser = await openBrowser(t)

  await t.test('what changes is seen without a reload', async (t) => {
    writeFileSync(hold, '')
    const path = await submit('slow', { subject: 'thing', data: { hold, lines: ['first', 'second'] } })
    const { page, see, problems } = await openPage(t, browser, `${url}/console${path}?view=tree`)
    await page.getByRole('treeitem', { name: /slow.*running/ }).waitFor()
    await page.getByRole('treeitem', { name: /slow.*running/ }).click()
    await see('second')
    rmSync(hold)
    await page.locator('h1', { hasText: 'complete' }).waitFor()
    t.same(problems, [])
  })

  await t.test('what others wrote is text', async (t) => {
    const path = await submit('hostile', { subject: SUBJECT, data: { fail: HOSTILE, lines: [HOSTILE, 'x'.repeat(200_000)] } })
    await ended(path)
    for (const at of [`${path}?view=tree`, `${path}?view=table`, '/failures', `/subjects/${encodeURIComponent(SUBJECT)}`, '/']) {
      const { page, problems } = await openPage(t, browser, `${url}/console${at}`)
      await page.locator('main h1').first().waitFor()
      await page.locator('main a').first().waitFor()
      if (at.includes('tree')) {
        await page.getByRole('treeitem', { name: /talks/ }).click()
        await page.getByText('xxxxxx').first().waitFor()
        await shoot(page, 'hostile')
      }
      t.equal(await page.locator('main img').count(), 0)
      t.notMatch(await page.title(), /^1$/)
      t.equal(await page.locator('a[href^="javascript:"]').count(), 0)
      t.ok(await fits(page), at)
      t.same(problems, [])
      await page.close()
    }
  })

  await t.test('many alike are one node, and 1,000 nodes are drawn and changed fast', async (t) => {
    const wide = await submit('wide')
    const big = await submit('big')
    await ended(wide)
    await ended(big)
    const folded = await openPage(t, browser, `${url}/console${wide}?view=tree`)
    await folded.see('found × 40')
    await folded.page.getByRole('treeitem', { name: /found × 40/ }).click()
    await folded.page.getByRole('treeitem', { name: /leaf/ }).first().waitFor()

    const { page, context, see } = await openPage(t, browser, 'about:blank')
    await page.addInitScript('new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest ?? 0, duration) }).observe({ type: "longtask", buffered: true })')
    const metrics = await context.newCDPSession(page)
    await metrics.send('Performance.enable')
    const scriptMs = async (): Promise<number> => ((await metrics.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0) * 1000
    await page.goto(`${url}/console${big}?view=tree`)
    await see('1061 nodes')
    await page.getByRole('treeitem').first().waitFor()
    const drawnMs = await scriptMs()
    t.comment(`1,061 nodes: ${Math.round(drawnMs)} ms of script from the start of the page, longest task ${await page.evaluate('window.longest ?? 0')} ms`)
    t.ok(drawnMs < 3000, `${drawnMs}`)
    t.ok(await page.evaluate('document.querySelectorAll("*").length') as number < 5000)
    await shoot(page, 'tree-1000')
    t.same(await violations(page), [])

    rmSync(broken)
    writeFileSync(hold, '')
    const busy = await submit('big', { data: { emit: many('middle', { emit: many('leaf', { hold }) }) } })
    await page.goto(`${url}/console${busy}?view=tree`)
    await see('1061 nodes')
    const start = await scriptMs()
    rmSync(hold)
    await page.locator('h1', { hasText: 'complete' }).waitFor()
    // Each of the leaves has ended at least, most have told of their progress too.
    const perUpdate = (await scriptMs() - start) / 484
    t.comment(`${perUpdate.toFixed(1)} ms of script for the changes of one job`)
    t.ok(perUpdate < 100)
  })

  await t.test('a stream that finds no room is asked for again and again, and hidden pages make room', async (t) => {
    writeFileSync(hold, '')
    const path = await submit('slow', { data: { hold } })
    const pages = []
    for (let n = 0; n < 4; n++) pages.push(await openPage(t, browser, `${url}/console${path}?view=table`))
    await pages[3]?.see('asking every 3 s')
    rmSync(hold)
    for (const { page, problems } of pages) {
      await page.locator('h1', { hasText: 'complete' }).waitFor()
      t.same(problems, [])
    }
  })

  await t.test('two people: what one has cancelled, the other is told of', async (t) => {
    const path = await submit('slow', { data: { ms: 60_000 } })
    const { page, see } = await openPage(t, browser, `${url}/console${path}?view=tree`)
    await page.getByRole('treeitem', { name: /slow.*running/ }).click()
    await see('attempt 1 of 1')
    await call('DELETE', `/jobs/slow/${path.split('/')[2]}.slow`)
    await page.locator('h1', { hasText: 'cancelled' }).waitFor()
    const cancelled = await openPage(t, browser, `${url}/console${path}?view=tree`)
    await cancelled.page.locator('h1', { hasText: 'cancelled' }).waitFor()
  })
})
