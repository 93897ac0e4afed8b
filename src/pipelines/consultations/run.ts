import type { ProcessContext } from '../../sdk/process.ts'
import type { StepContext } from '../../sdk/steps/step.ts'
import type { Store } from '../../sdk/store/store.ts'
import type { Answers } from './answers.ts'
import type { KeptTexts } from './kept-texts.ts'
import type { PreprocessSettings } from './preprocess_params.ts'
import type { TextFile } from './text-file.ts'

/** Folder of outputs in the storage. */
export const FOLDER = 'dataframes'

/** What stands while a run is under way. `storage` is where the output goes and where an earlier one is looked for. */
export type Run = Pick<ProcessContext, 'store' | 'log' | 'step' | 'artefact' | 'signal'> & {
  settings: PreprocessSettings
  storage: Store
  platform: Store
  texts: TextFile
  answers: Answers
  kept: KeptTexts
  temporaryFolder: string
  /** Folder of the job in the store of the service, for its tables. */
  jobFolder: string
}

export const progressOf =
  ({ progress }: Pick<StepContext, 'progress'>, message: string) =>
    (complete: number, total: number): void => {
      progress({ complete, total, message })
    }
