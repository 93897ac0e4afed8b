import { timerMs } from '../base/deadline.ts'
import { createStrays } from '../runners/module/strays.ts'
import { createRedactor, SHORT } from '../sdk/blocks/redactor.ts'
import type { Role } from './base.ts'
import type { Config } from './config.ts'
import { createLog } from './log.ts'
import type { Program } from './program.ts'
import { startService } from './service.ts'
import { startWatchdog } from './watchdog.ts'

const EXIT_FAILED = 1
/** How much longer than its work may take the end may take. */
const STOP_MARGIN_MS = 10_000

/** Plays the roles until a signal says to stop. Answers the exit code. */
export async function serve (
  config: Config,
  roles: Role[],
  { version, env, stdout, exit, on, onStray }: Program
): Promise<number> {
  const redactor = createRedactor(SHORT)
  const log = createLog(config.log_level, stdout.isTTY, undefined, redactor.text)
  const onFatal = (error: Error): void => {
    log.fatal({ err: error }, 'the embedded datastore has died; start again')
    exit(EXIT_FAILED)
  }
  const strays = createStrays()
  onStray((error) => {
    const stray = strays.caught(error)
    if (stray === undefined) {
      log.fatal({ err: error }, 'an error that nobody waited for')
      exit(EXIT_FAILED)
    }
    log.warn({ ...stray, err: error }, 'a module threw where nobody waits')
  })
  const { address, backend, reload, withdraw, stop } = await startService({
    config, roles, log, version, env, redactor, strays, onFatal
  })
  if (address === undefined) log.info({ roles, backend }, 'signalbox is ready')
  else log.info({ address, docs: `${address}/docs`, backend }, 'signalbox is ready')
  const watchdog = config.watchdog_ms === 0 ? undefined : startWatchdog(config.watchdog_ms)
  on('SIGHUP', () => {
    void reload()
  })

  const signal = await untilStopped(on, exit)
  log.info({ signal }, 'stopping: running work may finish')
  // Work that ignores its signal must not keep the process: what it ran is taken again when its lock ends.
  const late = setTimeout(
    () => {
      log.error('work did not stop in time')
      exit(EXIT_FAILED)
    },
    timerMs(config.api.drain_ms + config.worker.shutdown_ms + config.worker.grace_ms + STOP_MARGIN_MS)
  )
  // A person at the keyboard is not made to wait.
  if (signal === 'SIGTERM') await withdraw()
  await stop()
  clearTimeout(late)
  await watchdog?.close()
  log.info('stopped')
  return 0
}

/** Resolves at the first signal. A second signal exits at once. */
async function untilStopped (on: Program['on'], exit: Program['exit']): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    let isAsked = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      on(signal, () => {
        if (isAsked) exit(EXIT_FAILED)
        isAsked = true
        resolve(signal)
      })
    }
  })
}
