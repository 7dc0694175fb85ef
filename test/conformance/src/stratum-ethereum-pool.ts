/** The gateway with a pool as recordings of Ethereum miners want it, and steps that several dialects share. */
import { parseAddress } from '../../../libs/chain-params/src/index.ts';
import { type ShareRecord, Verdict } from '../../../libs/contracts/src/index.ts';
import { ethashTemplate } from '../../../apps/stratum-gateway/src/testing/templates.ts';
import type { Step } from './conversation.ts';
import { GatewayPool, coinOf, meets, nonce64 } from './gateway-pool.ts';
import { bytes, call, hear } from './json-rpc.ts';
import { type RecordedWork, classic, extranonce, proxy } from './stratum-ethereum-wire.ts';

const classicChain = coinOf('ethereum-classic');
export const WALLET = '0xb85150eb365e7df0941f0cf08235f987ba91506a';
/** Digits of a nonce that the miner of a session with an extranonce chooses. */
const OWN_DIGITS = 10;

export const SOME_WORK: RecordedWork = {
  header: '6c872e2304cd1e64b553a65387d7383470f22331aff288cbce5748dc430f016a',
  seed: '3c'.repeat(32),
  height: 11_700_000,
  epoch: 195,
};

export const templateOf = (
  { header, seed, height, epoch }: RecordedWork,
  over: { readonly jobKey?: number; readonly cleanJobs?: boolean } = {},
) => ethashTemplate({ headerHash: bytes(header), seedHash: bytes(seed), height, epoch, ...over });

export interface RecordedShare {
  readonly nonce: string;
  readonly mix_hash?: string;
  readonly final_hash: string;
}

/** Whether a share is good enough a double judges by the recorded hash, where there is one. */
export const poolAt = (
  work: RecordedWork = SOME_WORK,
  difficulty = 1,
  share?: Pick<RecordedShare, 'final_hash'>,
): GatewayPool =>
  new GatewayPool({
    coin: classicChain,
    difficulty,
    template: templateOf(work),
    judge: (one: ShareRecord): number =>
      share === undefined || meets(share.final_hash, one) ? Verdict.accepted : Verdict.lowDifficulty,
  });

/** The user as recorded if its address is one of this chain. */
export const userOf = (recorded: unknown): string => {
  const [address = ''] = String(recorded).split('.');
  return parseAddress(classicChain, address).ok ? String(recorded) : `${WALLET}.rig`;
};

/** The end of a recorded nonce: its beginning is the session's. */
export const own = (nonce: string): string => nonce.slice(-OWN_DIGITS);

export const expectPrefixed = (pool: GatewayPool, nonce: string): Step =>
  pool.expectShare(nonce64, (choices) => `${choices.get(extranonce.name)}${own(nonce)}`);

/** Of dialects whose miners choose the whole nonce and tell the mix. */
export const expectWhole = (pool: GatewayPool, nonce: string, mix: string): Step =>
  pool.expectShare(
    (share) => [nonce64(share), Buffer.from(share.blockHash).toString('hex')],
    () => [nonce, mix],
  );

/** Prove that the connection is still served, and that nothing else is on its way. */
export const goodbye = {
  classic: [call('end', 'conformance.end', []), hear(classic.refused('end', -3))],
  proxy: [call('end', 'conformance.end', []), hear(proxy.refused('end', -3))],
};
