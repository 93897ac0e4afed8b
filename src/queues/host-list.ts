export type Host = { host: string, port: number }

/** `first`: the same address with the first of its hosts alone, for `URL`. `list`: its hosts as they stand. */
export type HostList = { first: string, list: string, hosts: Host[] }

/** Several hosts in one address, as libpq writes them: `scheme://user:password@h1:1,h2:2,[::1]:3/path?query`. */
export function readHosts (address: string, defaultPort: number): HostList {
  const [, scheme = '', user = '', list = '', rest = ''] =
    /^([^:/]+:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/s.exec(address) ?? []
  const all = list.split(',')
  return { first: `${scheme}${user}${all[0]}${rest}`, list, hosts: all.map((text) => toHost(text, defaultPort)) }
}

function toHost (text: string, defaultPort: number): Host {
  const [, host = text, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? []
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? defaultPort : Number(port) }
}
