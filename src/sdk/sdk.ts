/** `signalbox/sdk`: all that the shipped pipelines use, and so all that your own may use. */

// What a process and a pipeline are
export {
  defineProcess,
  type Check, type ProcessContext, type ProcessDefinition, type ProcessFunction, type ProcessOutcome, type Progress,
  type Trigger
} from './process.ts'
export { defineQuery, type Pipeline, type Query, type QueryCommand, type QueryContext, type Style } from './pipeline.ts'
export type { DispatchEvent, FollowOn } from '../base/event.ts'
export { checkParams } from './check-params.ts'
export { createValidation } from '../base/validation.ts'
export { SignalboxError, errors } from '../base/errors.ts'

// What it is given
export type { Call, FunctionToCall, ProgramToCall } from './call.ts'
export type { Inputs } from './inputs/inputs.ts'
export { readMaybeGzip } from './inputs/gzip.ts'
export type { OpenStore, Store, StoredFile } from './store/store.ts'
export { openStore, type StoreSettings } from './store/open.ts'
export { jobFolder } from './store/names.ts'
export type { Artefact } from './steps/artefact.ts'
export type { Step, StepContext, StepOptions } from './steps/step.ts'
export { withJobFolder } from './job-folder.ts'
export { createProcessGroup } from './process-group.ts'

// Named configuration
export { NAMES_BLOCK, namesBlock, reaching, secret, type BlockKind, type LoadBlock } from './blocks/kind.ts'
export { amqp } from './blocks/kinds/amqp.ts'
export { coreDatabase } from './blocks/kinds/core_database.ts'
export { objectStore } from './blocks/kinds/object_store.ts'
export { slackWebhook } from './blocks/kinds/slack_webhook.ts'
export { smtp } from './blocks/kinds/smtp.ts'
export { webhook } from './blocks/kinds/webhook.ts'

// Packages that few need, and servers that are reached by their address
export { importOptional, requireOptional } from '../base/optional.ts'
export { identityProblem, isReachedByAddress } from '../base/server-identity.ts'

// Time, tries, limits
export { deadline, timerMs } from '../base/deadline.ts'
export { readDatetime, readWrittenTime, writeInstant } from '../base/datetime.ts'
export { DurationSchema, formatDuration, toMilliseconds } from '../base/duration.ts'
export { digest } from '../base/event.ts'
export { ahead, concurrently } from '../base/limit.ts'
export { doubling, isPassing, retry, type Retry } from '../base/retry.ts'
export { instantOf, isZone, offsetAt } from '../base/zone.ts'
