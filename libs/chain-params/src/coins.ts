/** The coins we know, as data. One more of a known family is an entry in `coins/` and its vectors. */
import type { Coin, CoinId } from './coin.ts';
import { bitcoinCashNetworks } from './coins/bitcoin-cash.ts';
import { bitcoinNetworks } from './coins/bitcoin.ts';
import { dogecoinNetworks } from './coins/dogecoin.ts';
import { ethereumClassicNetworks } from './coins/ethereum-classic.ts';
import { litecoinNetworks } from './coins/litecoin.ts';
import { moneroNetworks } from './coins/monero.ts';
import { ravencoinNetworks } from './coins/ravencoin.ts';

/** Where chains share an address format, the first is taken for its owner. */
export const coins: readonly Coin[] = [
  ...bitcoinNetworks,
  ...litecoinNetworks,
  ...bitcoinCashNetworks,
  ...dogecoinNetworks,
  ...ravencoinNetworks,
  ...moneroNetworks,
  ...ethereumClassicNetworks,
];

/** The family of a coin that is named in the code; any coin for a text. */
export type CoinNamed<Id extends string> = string extends Id ? Coin : MemberNamed<Coin, Id>;
type MemberNamed<C, Id> = C extends { readonly id: infer Ids } ? (Id extends Ids ? C : never) : never;

export const findCoin = <Id extends CoinId | (string & {})>(
  id: Id,
  network: string,
): CoinNamed<Id> | undefined =>
  coins.find((coin): coin is CoinNamed<Id> & Coin => coin.id === id && coin.network === network);
