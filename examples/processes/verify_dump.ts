import type { ProcessContext, ProcessOutcome } from '../../src/sdk/process.ts'

type Params = { files: string[] }

/**
 * Reads dumped files back and compares each with the CHECKSUMS of its folder. It only reads, so running twice is harmless.
 * A process from outside the project is this: one file with one function, named in process_lookup.json.
 */
export async function run ({ event, params, store, signal, progress, log }: ProcessContext<Params>): Promise<ProcessOutcome> {
  const expected = new Map<string, string>()
  for (const folder of new Set(params.files.map((name) => name.slice(0, name.lastIndexOf('/'))))) {
    for (const line of (await readText(store.read(`${folder}/CHECKSUMS`))).split('\n')) {
      const [sum, blocks, file] = line.trim().split(/\s+/)
      if (file !== undefined) expected.set(`${folder}/${file}`, `${sum} ${blocks}`)
    }
  }
  for (const [i, name] of params.files.entries()) {
    signal.throwIfAborted()
    const found = await bsdSum(store.read(name))
    if (found !== expected.get(name)) throw new Error(`${name}: the checksum is ${found}, not ${expected.get(name) ?? 'listed'}`)
    log(`${name} ${found}`)
    progress({ complete: i + 1, total: params.files.length })
  }
  return { output: { verified: params.files.length }, events: [{ type: 'dump_verified', subject: event.subject ?? 'unknown', data: { files: params.files } }] }
}

async function readText (chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

/** As `sum` of coreutils prints it: a 16-bit sum that rotates, and the size in blocks of 1,024 bytes. */
async function bsdSum (chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let sum = 0
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    for (const byte of chunk) sum = ((sum >> 1) + ((sum & 1) << 15) + byte) & 0xffff
  }
  return `${String(sum).padStart(5, '0')} ${Math.ceil(size / 1024)}`
}
