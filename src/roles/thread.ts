import { loadKinds } from '../runners/module/kind-files.ts'
import { runInThread as run, type ThreadResult, type ThreadTask } from '../runners/module/thread.ts'
import { shipped } from './shipped.ts'

/** What the threads of a worker run. */
export async function runInThread (task: ThreadTask): Promise<ThreadResult> {
  return await run(task, { builtIns: shipped.processes, kinds: await loadKinds(task.lookupsFolder, shipped.kinds) })
}
