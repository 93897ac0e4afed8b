/** The topic on which workers hear that a job is to stop. */
export const CANCEL_TOPIC = 'cancel'
