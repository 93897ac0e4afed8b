import ipaddr from 'ipaddr.js'

/**
 * What has been given out so far of the public addresses: all else may lead anywhere, `::127.0.0.1` to this machine.
 */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]
/** ISATAP: the last four bytes are an IPv4 address, whatever stands before. */
const ISATAP = [[0x0000, 0x5efe], [0x0200, 0x5efe]]

/** Not loopback, private, link-local, multicast, reserved, or any of these wrapped in an IPv6 address. */
export function isPublic (text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  if (address.range() !== 'unicast') return false
  // Of an IPv4 address in an IPv6 one, ::ffff: alone is meant as such.
  if (address.kind() === 'ipv4') return !text.includes(':') || /^::ffff:/i.test(text)
  const { parts } = address as ipaddr.IPv6
  const isWrapped = ISATAP.some(([first, second]) => parts[4] === first && parts[5] === second)
  return !isWrapped && (address as ipaddr.IPv6).match(GLOBAL_UNICAST)
}
