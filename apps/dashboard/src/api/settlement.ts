/** The settlement sheet of a block, and the way to it in the address of the page. */
export interface BlockName {
  readonly coin: string;
  readonly hash: string;
}

/** A screenful; the API has the rest. */
export const MINERS_A_PAGE = 100;

export const settlementPath = ({ coin, hash }: BlockName, offset: number): string =>
  `api/v1/blocks/${encodeURIComponent(coin)}/${hash}/settlement?limit=${MINERS_A_PAGE}&offset=${offset}`;

/** `#block=bitcoin/HASH`, beside whatever else is in it. */
export const blockHash = ({ coin, hash }: BlockName): string => `#block=${encodeURIComponent(coin)}/${hash}`;

export function blockInHash(fragment: string): BlockName | undefined {
  const [coin = '', hash = ''] = (new URLSearchParams(fragment.slice(1)).get('block') ?? '').split('/');
  return coin !== '' && /^[0-9a-f]{64}$/.test(hash) ? { coin, hash } : undefined;
}
