/**
 * What a miner signs to say from what balance on it wants to be paid. One message has one spelling, so that what was
 * signed and what is done cannot differ; pool and coin are in it, so that it is worth nothing anywhere else.
 */
export interface SignedWish {
  readonly pool: string;
  readonly coin: string;
  readonly address: string;
  /** In coins, decimal. */
  readonly minimum: string;
  readonly atMs: number;
}

const TITLE = 'Otedama payout settings';
const MESSAGE = new RegExp(
  `^${TITLE}\\npool: ([a-z0-9-]{1,24})\\ncoin: ([a-z-]{1,32})\\naddress: (\\S{1,160})\\n` +
    'minimum: (\\d{1,15}(?:\\.\\d{1,18})?)\\ntime: (\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{3})?Z)$',
);

export const formatWish = ({ pool, coin, address, minimum, atMs }: SignedWish): string =>
  `${TITLE}\npool: ${pool}\ncoin: ${coin}\naddress: ${address}\nminimum: ${minimum}\ntime: ${new Date(atMs).toISOString()}`;

/** Undefined: it is no such message. */
export const parseWish = (message: string): SignedWish | undefined => {
  const [, pool, coin, address, minimum, time] = MESSAGE.exec(message) ?? [];
  if (pool === undefined || coin === undefined || address === undefined) return undefined;
  const atMs = Date.parse(time ?? '');
  return minimum === undefined || Number.isNaN(atMs) ? undefined : { pool, coin, address, minimum, atMs };
};

/** A decimal number of coins in atomic units; undefined: it has more decimals than the coin. */
export const toAtomic = (amount: string, decimals: number): bigint | undefined => {
  const [units = '', fraction = ''] = amount.split('.');
  return fraction.length > decimals ? undefined : BigInt(units + fraction.padEnd(decimals, '0'));
};
