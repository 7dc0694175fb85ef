/** The node of the playground chain, where somebody runs it already: the services of a fleet share one. */
import { BITCOIN_PLAYGROUND } from '@otedama/chain-params';
import { type ResolveContext, readSecret } from './context.ts';
import type { DaemonConfig } from './model.ts';
import { resolvePayoutAddress } from './resolve-payout-address.ts';
import { createSecret } from './secret.ts';

/** The node asks for a password only. */
const USER = 'otedama';
const NOBODY = { payoutAddress: '', daemons: [] };

export const resolvePlaygroundNode = (
  context: ResolveContext,
): { readonly payoutAddress: string; readonly daemons: readonly DaemonConfig[] } => {
  const { playground } = context.raw;
  if (playground === undefined) return NOBODY;
  if (playground.url === undefined) {
    context.report.problem(['playground', 'url'], 'is required beside the other keys of "playground"');
    return NOBODY;
  }
  const given = { part: 'daemons', value: undefined, file: playground.password_file } as const;
  const password = readSecret(context, ['playground'], 'password', given) ?? createSecret('');
  const payoutAddress = resolvePayoutAddress(
    context,
    ['playground'],
    playground.payout_address,
    BITCOIN_PLAYGROUND,
  );
  const daemon: DaemonConfig = {
    name: 'playground',
    url: playground.url,
    user: USER,
    password,
    zmqHashBlock: undefined,
    zmqPub: undefined,
    webSocket: undefined,
  };
  return { payoutAddress, daemons: [daemon] };
};
