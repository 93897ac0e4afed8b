export type TransportRequest = {
  method: string
  origin: string
  /** With its query. */
  path: string
  headers: Record<string, string>
  body?: string | undefined
  /** Longest time until the answer begins. */
  headersTimeoutMs: number
  /** Longest time between two pieces of its body; 0 for any. */
  bodyTimeoutMs: number
  signal?: AbortSignal | undefined
}

/** An answer whose body is still to come. Whoever takes it reads the body or destroys it. */
export interface TransportAnswer {
  statusCode: number
  header: (name: string) => string | undefined
  text: () => Promise<string>
  /** The body piece by piece; ends in an error where it breaks off. */
  chunks: () => AsyncIterable<Uint8Array>
  /** Gives the rest of the body up; whoever reads it gets the error. */
  destroy: (error?: Error) => void
}

/** How requests travel. Rejects with the error of the network, or with the reason of the signal. */
export interface Transport {
  request: (request: TransportRequest) => Promise<TransportAnswer>
  close: () => Promise<void>
}
