/**
 * The judge of what a miner typed as a user name, so every refusal says why in words for that miner, and
 * never repeats the text: it could be a private key.
 */
import { type ParsedAccountAddress, parseAccountAddress } from './address/account-address.ts';
import { type ParsedCryptonoteAddress, parseCryptonoteAddress } from './address/cryptonote-address.ts';
import { refuse } from './address/result.ts';
import { type ParsedScriptAddress, parseScriptAddress } from './address/script-address.ts';
import type { Coin, CryptonoteCoin, EthashCoin, ScriptCoin } from './coin.ts';

export type ParsedAddress = ParsedScriptAddress | ParsedCryptonoteAddress | ParsedAccountAddress;

/** The longest that exists is a MWEB address of about 125 characters. */
const MAX_TEXT = 160;

export function parseAddress(coin: ScriptCoin, text: string): ParsedScriptAddress;
export function parseAddress(coin: CryptonoteCoin, text: string): ParsedCryptonoteAddress;
export function parseAddress(coin: EthashCoin, text: string): ParsedAccountAddress;
export function parseAddress(coin: Coin, text: string): ParsedAddress;
export function parseAddress(coin: Coin, text: string): ParsedAddress {
  if (text === '') return refuse('the address is empty');
  if (text.length > MAX_TEXT) return refuse('too long for an address');
  switch (coin.family) {
    case 'bitcoin':
    case 'kawpow':
      return parseScriptAddress(coin, text);
    case 'cryptonote':
      return parseCryptonoteAddress(coin, text);
    case 'ethash':
      return parseAccountAddress(coin, text);
    default:
      return coin satisfies never;
  }
}
