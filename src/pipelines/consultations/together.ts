/**
 * Runs both at once and ends when both have: where one fails the other is aborted, and the failure
 * of the first is thrown.
 */
export async function together<A, B> (
  signal: AbortSignal,
  one: (signal: AbortSignal) => Promise<A>,
  other: (signal: AbortSignal) => Promise<B>
): Promise<[A, B]> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const noting = (error: unknown): never => {
    failed.abort(error)
    throw error
  }
  const [first, second] = await Promise.allSettled([one(either).catch(noting), other(either).catch(noting)])
  if (first.status === 'rejected' || second.status === 'rejected') throw failed.signal.reason
  return [first.value, second.value]
}
