import { errors } from '../../base/errors.ts'

/** A request as it came in: header names as sent, the body as bytes. */
export type Message = { headers: Array<[name: string, value: string]>, body: Uint8Array }

export type Mode = 'binary' | 'structured' | 'batch'

/** The value of the first header of a name; undefined where there is none, or an empty one. */
export function headerOf ({ headers }: Message, name: string): string | undefined {
  const value = headers.find(([other]) => other.toLowerCase() === name)?.[1].trim()
  return value === '' ? undefined : value
}

/**
 * How an event lies in a request (CloudEvents HTTP protocol binding 1.0.2, section 3): told by the media type alone.
 *
 * @throws UNSUPPORTED_FORMAT for a CloudEvents type in a format other than JSON
 */
export function modeOf (contentType: string | undefined): Mode {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!mediaType.startsWith('application/cloudevents')) return 'binary'
  if (mediaType === 'application/cloudevents+json') return 'structured'
  if (mediaType === 'application/cloudevents-batch+json') return 'batch'
  throw errors.unsupportedFormat(mediaType)
}
