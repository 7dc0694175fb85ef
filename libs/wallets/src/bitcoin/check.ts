/** Whether a daemon's wallet can pay, asked in the order in which an operator would put things right. */
import { encodeWitnessAddress, parseAddress, type ScriptCoin } from '@otedama/chain-params';
import { isDaemonError } from '@otedama/daemon-rpc';
import { WalletError, type WalletErrorCode } from '@otedama/payouts';
import type { WalletNode } from './node.ts';

const KEY_HASH = new Uint8Array(20);
/** A hash of zeros in base 58, of main and test networks. */
const NOBODY = ['1111111111111111111114oLvT2', 'mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8'];

/** An address in the form that only this chain's daemons read, where block 0 does not tell it from others. */
const ownForm = (coin: ScriptCoin): string | undefined => {
  if (coin.addresses.hrp !== undefined) return encodeWitnessAddress(coin, 0, KEY_HASH);
  if (coin.addresses.cashPrefix === undefined) return undefined;
  const parsed = NOBODY.map((address) => parseAddress(coin, address)).find(({ ok }) => ok);
  return parsed?.ok === true ? parsed.canonical : undefined;
};

export const checkWallet = async (node: WalletNode, coin: ScriptCoin): Promise<void> => {
  const fail = (code: WalletErrorCode, detail: string): WalletError =>
    new WalletError(code, { coin: coin.id, detail });
  const genesis = await node.blockHash(0);
  if (genesis !== coin.genesisHash) {
    throw fail(
      'WALLET_WRONG_CHAIN',
      `the daemon is not on ${coin.name} ${coin.network}: its block 0 is ${genesis}`,
    );
  }
  const address = ownForm(coin);
  if (address !== undefined && !(await node.isAddress(address))) {
    throw fail('WALLET_WRONG_CHAIN', `the daemon does not take addresses of ${coin.name} ${coin.network}`);
  }
  if ((await node.chain()).isSyncing) {
    throw fail('WALLET_SYNCING', 'the daemon is still downloading the chain: wait until it is done');
  }
  const info = await walletInfo(node, fail);
  if (info.private_keys_enabled === false) {
    throw fail('WALLET_WATCH_ONLY', 'the wallet has no private keys: name one that can sign');
  }
  if (info.scanning !== undefined && info.scanning !== false) {
    throw fail('WALLET_SYNCING', 'the wallet is being rescanned: wait until it is done');
  }
  if (info.unlocked_until === 0) {
    throw fail('WALLET_LOCKED', 'the wallet is locked: unlock it with walletpassphrase');
  }
};

const walletInfo = async (
  node: WalletNode,
  fail: (code: WalletErrorCode, detail: string) => WalletError,
): Promise<Awaited<ReturnType<WalletNode['walletInfo']>>> => {
  try {
    return await node.walletInfo();
  } catch (error) {
    if (isDaemonError(error) && error.code === 'DAEMON_METHOD_NOT_FOUND') {
      throw fail('WALLET_MISSING', 'the daemon has its wallets turned off: start it without -disablewallet');
    }
    throw error;
  }
};
