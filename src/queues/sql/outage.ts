/**
 * Classes 08 (connection), 53 (resources) and 57 (operator), and what node and PGlite say where there is no
 * connection.
 */
export function isOutage (error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return /timeout|terminated|connect/i.test((error as Error).message)
  return /^(08|53|57)/.test(code) || /^E[A-Z]+$/.test(code) || code === 'PGLITE_GONE'
}
