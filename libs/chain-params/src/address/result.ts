/** What an address comes to, by the family of the coin that pays it. */
import type { Coin } from '../coin.ts';

export interface ScriptPayee {
  readonly scriptPubKey: Uint8Array;
  /** The one spelling under which the account is kept: lower case, current version byte, CashAddr prefix. */
  readonly canonical: string;
}

export interface CryptonotePayee {
  readonly type: 'standard' | 'subaddress' | 'integrated';
  readonly spendPublicKey: Uint8Array;
  readonly viewPublicKey: Uint8Array;
  /** 8 bytes of an integrated address, which tell its owner's customers apart. */
  readonly paymentId?: Uint8Array;
  /** The text itself: there is only one. */
  readonly canonical: string;
}

export interface AccountPayee {
  /** 20 bytes. */
  readonly account: Uint8Array;
  /** In the mixed case of EIP-55. */
  readonly canonical: string;
}

export interface AddressRefusal {
  readonly ok: false;
  /** For the miner; never repeats the text. */
  readonly reason: string;
}

export type Parsed<Payee> = ({ readonly ok: true } & Payee) | AddressRefusal;

export const refuse = (reason: string): AddressRefusal => ({ ok: false, reason });

const article = (name: string): string => (/^[AEIOU]/.test(name) ? 'an' : 'a');

export const refuseShape = ({ name }: Coin): AddressRefusal => refuse(`not ${article(name)} ${name} address`);

export const refuseForeign = (coin: Coin, owner: Coin): AddressRefusal =>
  refuse(
    `this is ${article(owner.name)} ${owner.name} ${owner.network} address, and ${coin.name} ${coin.network} is mined here`,
  );
