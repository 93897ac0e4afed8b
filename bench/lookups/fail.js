export async function run ({ event }) {
  throw new Error(`no room for ${event.subject}`)
}
