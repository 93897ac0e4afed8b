import { uuidv7 } from 'uuidv7'
import type { JobAddress } from '../../schemas/jobs.ts'
import type { PlanView } from '../../schemas/submit.ts'
import type { Dispatch, Submission } from '../answers.ts'
import type { Calls } from '../calls.ts'
import { EventClientError } from '../event-client-error.ts'
import type { Answer } from '../exchange.ts'
import type { NewEvent } from '../requests.ts'

/** The source of an event that has neither id nor source of its own. */
export const CLIENT_SOURCE = '/client'

export const submitting = ({ ask, send }: Calls) => ({
  /**
   * Submits an event. One without `id` gets a UUID here (and the source `/client`, unless it has one), so that however
   * often this call has to send it, its work starts once. If the call itself fails and you want to submit the same
   * event again, choose the id yourself.
   */
  async submit (event: NewEvent): Promise<Submission> {
    const isNamed = event.id !== undefined && event.id !== null
    const body = isNamed ? event : { ...event, id: uuidv7(), source: event.source ?? CLIENT_SOURCE }
    const answer = await send('submitEvent', { body })
    // With an id that was made just now, "known" means that an earlier attempt of this call arrived after all.
    return { ...toDispatch(answer), repeated: isNamed && answer.statusCode === 200 }
  },

  /** What the event would start, and why; nothing is queued. */
  async plan (event: NewEvent): Promise<PlanView> {
    const plan = await ask<PlanView>('submitEvent', { query: { dry_run: true }, body: event, repeatable: false })
    // Whoever asks what would happen must hear of it where it has.
    if (plan.dry_run !== true) {
      throw new EventClientError('the service does not know dry_run: it has taken the event', {
        code: 'INVALID_ANSWER'
      })
    }
    return plan
  }
})

export function toDispatch ({ location = '', body }: Answer): Dispatch {
  return { event: location.slice(location.lastIndexOf('/') + 1), jobs: body as JobAddress[] }
}
