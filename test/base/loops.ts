import t from 'tap'
import { createLoops, type Loop } from '../../src/base/loops.ts'
import { until } from '../fixtures/servers.ts'

function start (loop: Omit<Loop, 'name'>) {
  const errors: string[] = []
  const loops = createLoops(({ message }) => { errors.push(message) })
  return { errors, loops, running: loops.start({ name: 'sweep', ...loop }) }
}

t.test('a turn follows the other, and none overlaps', async (t) => {
  let [turns, under, most] = [0, 0, 0]
  const { running, loops } = start({
    everyMs: 1,
    act: async () => {
      most = Math.max(most, ++under)
      await new Promise(setImmediate)
      under--
      turns++
    }
  })
  await until(() => turns >= 3)
  t.equal(most, 1)
  t.same(loops.unserved(), [])
  await running.close()
  const then = turns
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  t.equal(turns, then, 'none after its end')
})

t.test('a loop goes on after failures, and is named while it does nothing but fail', { timeout: 60_000 }, async (t) => {
  let away = true
  let turns = 0
  const { running, errors, loops } = start({
    everyMs: 1,
    act: async () => {
      turns++
      if (away) throw new Error('away')
    }
  })
  t.teardown(running.close)
  await until(() => errors.length === 1)
  t.same(loops.unserved(), [], 'one failure happens')
  await until(() => loops.unserved().length === 1)
  t.same(loops.unserved(), ['sweep'])
  t.equal(turns, 3)
  away = false
  await until(() => loops.unserved().length === 0)
})

t.test('what is thrown at once fails the turn alone', async (t) => {
  let turns = 0
  const { running, errors } = start({
    everyMs: 1,
    act: () => {
      turns++
      throw new Error('at once')
    }
  })
  t.teardown(running.close)
  await until(() => turns === 2)
  t.match(errors, ['at once'])
})

t.test('a turn that does not end is given up, named, and begun anew', async (t) => {
  let turns = 0
  const { running, errors, loops } = start({
    everyMs: 1,
    silentMs: 20,
    act: async () => {
      turns++
      if (turns === 1) await new Promise(() => {})
    }
  })
  t.teardown(running.close)
  await until(() => errors.length === 1)
  t.match(errors[0], /^sweep: nothing has come of it for 0 s/)
  t.same(loops.unserved(), ['sweep'])
  await until(() => turns > 1 && loops.unserved().length === 0)
})

t.test('a loop without a pause is done when it is asked for, and again where it was asked for meanwhile', async (t) => {
  let turns = 0
  let goOn = (): void => {}
  const { running } = start({
    act: async () => {
      turns++
      await new Promise<void>((resolve) => { goOn = resolve })
    }
  })
  running.soon()
  await until(() => turns === 1)
  running.soon()
  running.soon()
  await new Promise((resolve) => { setTimeout(resolve, 10) })
  t.equal(turns, 1)
  goOn()
  await until(() => turns === 2)
  goOn()
  await running.close()
  t.equal(turns, 2)
})
