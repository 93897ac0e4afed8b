/**
 * Remembers what was made for a key, and forgets what was longest not asked for when all together is more than `most`.
 * Two who ask for one key at the same time wait for the same value; a failure is not remembered.
 */
export function createCache<Key, Entry> ({ most, sizeOf }: { most: number, sizeOf: (entry: Entry) => number }) {
  const kept = new Map<Key, Promise<Entry>>()
  const sizes = new Map<Key, number>()
  let total = 0

  function forget (key: Key): void {
    kept.delete(key)
    total -= sizes.get(key) ?? 0
    sizes.delete(key)
  }

  return async (key: Key, make: () => Promise<Entry>): Promise<Entry> => {
    const known = kept.get(key)
    if (known !== undefined) {
      kept.delete(key)
      kept.set(key, known)
      return await known
    }
    const entry = make()
    kept.set(key, entry)
    try {
      const size = sizeOf(await entry)
      sizes.set(key, size)
      total += size
    } catch (error) {
      forget(key)
      throw error
    }
    for (const oldest of kept.keys()) {
      if (total <= most) break
      if (oldest !== key && sizes.has(oldest)) forget(oldest)
    }
    return await entry
  }
}
