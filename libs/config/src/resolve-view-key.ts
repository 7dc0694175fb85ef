/** What shows which outputs are the pool's own: for coins whose chain does not. It cannot spend them. */
import { type Coin, parseAddress } from '@otedama/chain-params';
import { parseViewKey, viewPublicKeyOf } from '@otedama/cryptonote';
import { readSecret, type ResolveContext } from './context.ts';
import type { Secret } from './model.ts';
import type { Path } from './problem.ts';
import type { RawPoolEntry } from './schema.ts';

interface Payee {
  readonly coin: Coin;
  /** Empty: it could not be read. */
  readonly payoutAddress: string;
}

const findFault = (key: string, { coin, payoutAddress }: Payee): string | undefined => {
  if (coin.family !== 'cryptonote') return `means nothing to a pool of ${coin.name}`;
  const secret = parseViewKey(key);
  if (secret === undefined) return 'is not the secret view key of a wallet (64 hex digits)';
  const address = parseAddress(coin, payoutAddress);
  if (!address.ok || !('viewPublicKey' in address)) return undefined;
  const isOwn = Buffer.from(viewPublicKeyOf(secret)).equals(address.viewPublicKey);
  return isOwn ? undefined : 'does not belong to payout_address';
};

export const resolveViewKey = (
  context: ResolveContext,
  path: Path,
  { view_key: value, view_key_file: file }: RawPoolEntry,
  payee: Payee,
): Secret | undefined => {
  const key = readSecret(context, path, 'view_key', { part: 'view keys', value, file });
  if (key === undefined || !context.uses('view keys')) return key;
  const fault = findFault(key.reveal(), payee);
  if (fault === undefined) return key;
  context.report.problem([...path, value === undefined ? 'view_key_file' : 'view_key'], fault);
  return undefined;
};
