import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A process of the benchmark that does one thing after another for us. */
export type Child = { pid: number | undefined, ask: <R>(order: Record<string, unknown>) => Promise<R>, stop: () => Promise<void> }

export async function startChild (file: URL, args: string[], execArgv: string[] = []): Promise<Child> {
  const child = fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv })
  await answer(child)
  return {
    pid: child.pid,
    ask: async <R>(order: Record<string, unknown>) => {
      child.send(order)
      return await answer(child) as R
    },
    stop: async () => {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    }
  }
}

/** The other side: says that it is there, then answers each order. Ends when its parent lets go of it. */
export function serveOrders<O> (carryOut: (order: O) => Promise<unknown>, close: () => Promise<void>): void {
  const send = (message: unknown): void => { process.send?.(message) }
  process.on('message', (order) => {
    carryOut(order as O).then((value) => send({ value: value ?? null }), (error: unknown) => send({ error: (error as Error).stack ?? String(error) }))
  })
  process.on('disconnect', () => { void close().finally(() => process.exit()) })
  send({ value: null })
}

async function answer (child: ChildProcess): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => { reject(new Error(`a process of the benchmark ended with code ${code}`)) }
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      const { value, error } = message as { value?: unknown, error?: string }
      if (error === undefined) resolve(value)
      else reject(new Error(error))
    })
  })
}
