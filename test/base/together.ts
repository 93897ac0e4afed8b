import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { createTogether } from '../../src/base/together.ts'

const REFUSED = Object.assign(new Error('refused'), { refused: true })

/** Groups are answered one by one, when the test says so. */
function createGroups (inFlight?: number) {
  const groups: number[][] = []
  const gates: Array<() => void> = []
  const { ask, settled } = createTogether<number, string>({
    take: (waiting) => [waiting.slice(0, 3), waiting.slice(3)],
    ...inFlight === undefined ? {} : { inFlight },
    send: async (items) => {
      groups.push(items)
      await new Promise<void>((resolve) => { gates.push(resolve) })
      return items.map((item) => `answer to ${item}`)
    }
  })
  return { groups, ask, settled, answerNext: async () => { gates.shift()?.(); await nextTurn() } }
}

t.test('what is asked for in one turn, or while others are under way, travels together', async (t) => {
  const { groups, ask, settled, answerNext } = createGroups()
  const first = [ask(1), ask(2)]
  await nextTurn()
  const second = [ask(3)]
  await nextTurn()
  const third = [4, 5, 6, 7].map(ask)
  await nextTurn()
  t.same(groups, [[1, 2], [3]], 'two at once are under way, and the others wait')
  await answerNext()
  t.same(await Promise.all(first), ['answer to 1', 'answer to 2'])
  t.same(groups.slice(2), [[4, 5, 6]])
  await answerNext()
  t.same(groups.slice(3), [[7]])
  await answerNext()
  let isSettled = false
  const all = settled().then(() => { isSettled = true })
  t.same(isSettled, false)
  await answerNext()
  await all
  t.same(await Promise.all([...second, ...third]), [3, 4, 5, 6, 7].map((item) => `answer to ${item}`))
  await settled()
})

t.test('one that is refused does not take its group along; what is not answered is not sent again', async (t) => {
  const sent: string[] = []
  const { ask } = createTogether<string, string>({
    take: (waiting) => [waiting, []],
    isRefusal: (error) => (error as { refused?: boolean }).refused === true,
    send: async (items) => {
      sent.push(items.join(''))
      if (items.includes('x')) throw REFUSED
      if (items.includes('y')) throw new Error('the line is dead')
      return items
    }
  })
  const told = await Promise.allSettled(['a', 'b', 'x', 'c'].map(ask))
  t.same(told.map(({ status }) => status), ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  t.same(sent, ['abxc', 'ab', 'xc', 'x', 'c'])
  sent.length = 0
  const lost = await Promise.allSettled(['a', 'y'].map(ask))
  t.same(lost.map(({ status }) => status), ['rejected', 'rejected'])
  t.same(sent, ['ay'])
})
