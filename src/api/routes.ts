import type { Route } from './dependencies.ts'
import { backfillRoutes } from './routes/backfills.ts'
import { blockRoutes } from './routes/blocks.ts'
import { cloudEventRoutes } from './routes/cloudevents.ts'
import { eventRoutes } from './routes/events.ts'
import { fileRoutes } from './routes/files.ts'
import { healthRoutes } from './routes/health.ts'
import { jobRoutes } from './routes/jobs.ts'
import { lookupRoutes } from './routes/lookups.ts'
import { meRoutes } from './routes/me.ts'
import { notificationRoutes } from './routes/notifications.ts'
import { originalRoutes } from './routes/original.ts'
import { replayRoutes } from './routes/replay.ts'
import { retryRoutes } from './routes/retry.ts'
import { scheduleRoutes } from './routes/schedules.ts'
import { sessionRoutes } from './routes/session.ts'
import { statsRoutes } from './routes/stats.ts'
import { streamRoutes } from './routes/stream.ts'
import { subjectRoutes } from './routes/subjects.ts'
import { submitRoutes } from './routes/submit.ts'

/**
 * All routes, in the order of the documentation; `queries` are those of the pipelines. A new one is a file and a line.
 */
export const allRoutes = (queries: Route[]): Route[] => [
  submitRoutes,
  jobRoutes,
  retryRoutes,
  eventRoutes,
  replayRoutes,
  subjectRoutes,
  streamRoutes,
  cloudEventRoutes,
  lookupRoutes,
  scheduleRoutes,
  backfillRoutes,
  notificationRoutes,
  blockRoutes,
  fileRoutes,
  originalRoutes,
  ...queries,
  sessionRoutes,
  healthRoutes,
  statsRoutes,
  meRoutes
]
