/** Values by key, keys and values in the order in which they come. */
export function grouped<Row, Key, Entry> (
  rows: Iterable<Row>,
  keyOf: (row: Row) => Key,
  entryOf: (row: Row) => Entry
): Map<Key, Entry[]> {
  const groups = new Map<Key, Entry[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entryOf(row)])
    else group.push(entryOf(row))
  }
  return groups
}
