/** No work, one follow-on event: what is measured is everything around it. */
export async function run ({ event }) {
  return { output: null, events: [{ type: 'bench_done', subject: event.subject }] }
}
