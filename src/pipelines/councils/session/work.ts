import type { ProcessContext } from '../../../sdk/process.ts'
import type { TranscribeParams } from '../transcribe_params.ts'
import type { KeptFiles } from './files.ts'

/** What every step of a transcription is given. */
export type Work = Pick<ProcessContext, 'inputs' | 'store' | 'block' | 'log' | 'signal'> & {
  params: TranscribeParams
  /** The job's folder for temporary files. */
  folder: string
  /** Milliseconds before a step is tried again. */
  pauses: { video: number, caption: number, speech: number, store: number }
  /** Tells how far a step has come, 0 to 1. */
  report: (step: Step, share: number) => void
  /** What went otherwise than it should, without being a failure. */
  note: (text: string) => void
}

export type WorkWithFiles = Work & { kept: KeptFiles }

/** The steps by what of the whole they take, percent. */
export const STEPS = {
  'video copied': 25,
  'video cut': 10,
  'audio split': 10,
  'words heard': 45,
  'files stored': 10
} as const
export type Step = keyof typeof STEPS
