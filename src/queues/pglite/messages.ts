/** A value as `pg` puts it on the wire; a Buffer arrives in the thread as a Uint8Array. */
export type WireValue = string | Uint8Array | null

/** Client 0 is the pool itself: its queries never share a transaction. Reply id 0 is nobody's query. */
export type PgliteRequest =
  | { kind: 'query', id: number, client: number, text: string, values: WireValue[] | undefined }
  | { kind: 'release', client: number }
  | { kind: 'end' }

/** `marks` holds, for each reply in `data`, its id and where it ends. */
export type PgliteReport =
  | { kind: 'open' }
  | { kind: 'replies', data: ArrayBuffer, marks: number[] }
  | { kind: 'notice', notice: PgliteNotice }
  | { kind: 'ended' }

export type PgliteNotice =
  /** The pause is the longest time that queries had to wait for one step of it. */
  | { kind: 'maintenance', totalMs: number, pauseMs: number, walBytes: number }
  /** A line that PostgreSQL logged. */
  | { kind: 'log', text: string }

export type PgliteThreadData = {
  /** Undefined for a database in memory. */
  dataFolder: string | undefined
  schema: string
  maintenanceMs: number
  /** Creates the data folder and ends, so that the memory of initdb goes with the thread. */
  createOnly: boolean
}
