/** Where people look things up: public explorers of the main networks, as front ends link to them. */
export interface Explorer {
  block(hash: string, height: number): string;
  transaction(txid: string): string;
  address(address: string): string;
}

/** Of the same make, which most of them are. */
const usual = (
  site: string,
  words = { block: 'block', transaction: 'tx', address: 'address' },
): Explorer => ({
  block: (hash) => `${site}/${words.block}/${hash}`,
  transaction: (txid) => `${site}/${words.transaction}/${txid}`,
  address: (address) => `${site}/${words.address}/${address}`,
});

const BLOCKCHAIR = { block: 'block', transaction: 'transaction', address: 'address' };

const EXPLORERS: Readonly<Record<string, Explorer>> = {
  bitcoin: usual('https://mempool.space'),
  'bitcoin-cash': usual('https://blockchair.com/bitcoin-cash', BLOCKCHAIR),
  dogecoin: usual('https://blockchair.com/dogecoin', BLOCKCHAIR),
  'ethereum-classic': usual('https://etc.blockscout.com'),
  litecoin: usual('https://litecoinspace.org'),
  // Nobody sees the addresses of its chain.
  monero: { ...usual('https://xmrchain.net'), address: () => '' },
};

export const explorerOf = (coin: string, network: string): Explorer | undefined =>
  network === 'mainnet' ? EXPLORERS[coin] : undefined;

/** A field that is left out where there is nothing to link to. */
export const linkTo = <Name extends string>(
  name: Name,
  url: string | undefined,
): { [key in Name]?: string } =>
  url === undefined || url === '' ? {} : ({ [name]: url } as { [key in Name]?: string });
