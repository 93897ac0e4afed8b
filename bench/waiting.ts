import { startChild } from './child.ts'
import { LOOKUPS } from './signalbox.ts'

const fillFile = new URL('./fill.js', import.meta.url)

/** Has so many events more wait, which a process of its own accepts without HTTP. */
export async function haveWait (url: string, count: number): Promise<void> {
  const child = await startChild(fillFile, [url, LOOKUPS])
  try {
    await child.ask({ count })
  } finally {
    await child.stop()
  }
}
