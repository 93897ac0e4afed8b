import { parentPort } from 'node:worker_threads'
import { readPdfText, type PdfText } from './text.ts'

/** After a failure with `isOver` no other PDF can be read there. */
export type FromPdfThread = { ready: true } | { read: PdfText } | { failure: string, isOver?: true }

const port = parentPort
port?.on('message', (path: string) => {
  readPdfText(path).then(
    (read) => {
      port.postMessage({ read } satisfies FromPdfThread)
    },
    (error: unknown) => {
      port.postMessage({ failure: error instanceof Error ? error.message : String(error) } satisfies FromPdfThread)
    }
  )
})
port?.postMessage({ ready: true } satisfies FromPdfThread)
