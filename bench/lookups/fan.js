/** An event whose tree is large: 333 events of two jobs, each of which generates one more. */
export async function run ({ event }) {
  return { output: null, events: Array.from({ length: 333 }, (_, i) => ({ type: 'bench', subject: `${event.subject}-${i}` })) }
}
