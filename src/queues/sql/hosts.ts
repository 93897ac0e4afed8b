import pg from 'pg'
import { errors } from '../../base/errors.ts'
import { readHosts, type Host } from '../host-list.ts'

/** An address as `pg` reads it, and the hosts of it where there are several. */
export type Address = { url: string, hosts: Host[] }

const DEFAULT_PORT = 5432
const WRITABLE = new Set(['read-write', 'primary'])
const IS_READ_ONLY = 'select pg_is_in_recovery() or current_setting(\'transaction_read_only\') = \'on\' as ro'

/**
 * Several hosts as libpq writes them: `postgres://user:password@h1:5432,h2:5433/name?target_session_attrs=read-write`,
 * which `pg` does not read. Everything here writes, so that of several hosts the one is wanted that can be written to.
 */
export function readAddress (address: string): Address {
  const { first, hosts } = readHosts(address, DEFAULT_PORT)
  if (hosts.length === 1) return { url: address, hosts: [] }
  const url = new URL(first)
  const wanted = url.searchParams.get('target_session_attrs') ?? 'read-write'
  if (!WRITABLE.has(wanted)) {
    const expected = [...WRITABLE].join(' or ')
    throw errors.invalidConfig([`SIGNALBOX_BACKEND: target_session_attrs is ${wanted}, and must be ${expected}`])
  }
  url.searchParams.delete('target_session_attrs')
  return { url: url.href, hosts }
}

/** A `pg.Client` that connects to whichever of the hosts can be written to at that time. */
export function clientFor (hosts: Host[]): typeof pg.Client {
  if (hosts.length === 0) return pg.Client
  const search = createSearch(hosts)
  return class WritableClient extends pg.Client {
    readonly #given: pg.ClientConfig

    constructor (config?: string | pg.ClientConfig) {
      super(config)
      this.#given = typeof config === 'object' ? config : { connectionString: config }
    }

    // As `pg` declares it: with a callback for its pool, without one for everybody else.
    override connect (): Promise<pg.Client>
    override connect (callback: Connected): void
    override connect (callback?: Connected): Promise<pg.Client> | void {
      const connecting = search(this.#given).then(async ({ host, port }) => {
        Object.assign(this, { host, port })
        return await super.connect()
      })
      if (callback === undefined) return connecting
      const tell = callback as (error: Error | null, client?: pg.Client) => void
      connecting.then((client) => { tell(null, client) }, (error: Error) => { tell(error) })
    }
  }
}

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void)

/** Whoever asks while the hosts are being asked gets the same answer. */
function createSearch (hosts: Host[]): (config: pg.ClientConfig) => Promise<Host> {
  let searching: Promise<Host> | undefined
  return async (config) => {
    searching ??= findWritable(hosts, config).finally(() => { searching = undefined })
    return await searching
  }
}

/** The first that can be written to; all are asked at once, so that one which is away holds up nobody. */
async function findWritable (hosts: Host[], config: pg.ClientConfig): Promise<Host> {
  try {
    return await Promise.any(hosts.map((host) => mustBeWritable(host, config)))
  } catch (error) {
    const reasons = (error as AggregateError).errors.map(({ message }: Error) => message).join('; ')
    throw Object.assign(new Error(`no host can be written to: ${reasons}`, { cause: error }), { code: 'ECONNREFUSED' })
  }
}

async function mustBeWritable ({ host, port }: Host, config: pg.ClientConfig): Promise<Host> {
  const client = new pg.Client({ ...config, keepAlive: false })
  Object.assign(client, { host, port })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ ro: boolean }>(IS_READ_ONLY)
    if (rows[0]?.ro !== false) throw new Error('it is read-only')
    return { host, port }
  } catch (error) {
    throw new Error(`${host}:${port}: ${(error as Error).message}`, { cause: error })
  } finally {
    client.end().catch(() => {})
  }
}
