/** `41 of 115 rows (35.7 %)` */
export const percentOf = (count: number, total: number, unit: string): string =>
  `${count} of ${total} ${unit} (${total === 0 ? 0 : Math.round((count / total) * 1000) / 10} %)`
