const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^[\da-f]*:[\da-f:]*:[\da-f.]*$/i;

/**
 * The network that an address most likely shares with its neighbours: a /24 of IPv4, a /48 of IPv6, which is what a
 * site is usually given.
 * @returns such as `192.0.2.0/24`, or null for what is no address
 * @see RFC 6177 for the sites of IPv6
 */
export function networkOf(address: string): string | null {
  const [bare = ''] = address.split('%');
  if (IPV4.test(bare)) return `${bare.split('.').slice(0, 3).join('.')}.0/24`;
  if (!IPV6.test(bare)) return null;
  const [head = '', tail] = bare.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':').length : 0;
  const zeros = tail === undefined ? 0 : 8 - groups.length - after;
  const all = [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...(tail ? tail.split(':') : [])];
  return `${all
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/48`;
}

/** The one network that all of at least two addresses are in, or null. */
export function sharedNetwork(addresses: readonly string[]): string | null {
  const networks = new Set(addresses.map(networkOf));
  const [network = null] = networks;
  return addresses.length > 1 && networks.size === 1 ? network : null;
}
