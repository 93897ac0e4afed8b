/**
 * How far a job has come: `complete` of `total` units of the process's own choosing (records,
 * bytes, files). `waiting_for` is what keeps it from going on.
 */
export type Progress = {
  complete: number
  total?: number | undefined
  message?: string | undefined
  waiting_for?: string | undefined
}
