/**
 * What is alike in reasons of one cause: without what differs from job to job, which is numbers, ids, times, addresses,
 * and what stands in quotes.
 */
export function patternOf (reason: string): string {
  return reason
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, '"…"')
    .replaceAll(/\b(?:https?|s3|file):\/\/\S+/g, '…')
    .replaceAll(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '…')
    .replaceAll(/\d[\d.,:_-]*/g, '…')
    .slice(0, 300)
}
