/** Whose address a text looks like, to tell a miner which of his wallets he took. Not a check of the address. */
import type { Coin, ScriptAddressFormats } from '../coin.ts';
import { coins } from '../coins.ts';

const prefixesOf = ({ hrp, mwebHrp, cashPrefix }: ScriptAddressFormats): readonly string[] => [
  ...(hrp === undefined ? [] : [`${hrp}1`]),
  ...(mwebHrp === undefined ? [] : [`${mwebHrp}1`]),
  ...(cashPrefix === undefined ? [] : [`${cashPrefix}:`]),
];

const formatsOf = (coin: Coin): ScriptAddressFormats | undefined =>
  coin.family === 'bitcoin' || coin.family === 'kawpow' ? coin.addresses : undefined;

/** By what the text begins with; base 58 says nothing before it is decoded. */
export const ownerOfPrefix = (text: string): Coin | undefined => {
  const lower = text.toLowerCase();
  if (/^0x[0-9a-f]{40}$/.test(lower)) return coins.find(({ family }) => family === 'ethash');
  return coins.find((coin) => {
    const formats = formatsOf(coin);
    return formats !== undefined && prefixesOf(formats).some((prefix) => lower.startsWith(prefix));
  });
};

export const ownerOfVersion = (version: number): Coin | undefined =>
  coins.find((coin) => {
    const formats = formatsOf(coin);
    return formats !== undefined && (formats.p2pkh.includes(version) || formats.p2sh.includes(version));
  });
