/**
 * A replacement by BIP125: the same payees, every input of what it replaces, a higher fee, which the change pays or,
 * where that does not suffice, further coins.
 */
import { readTransaction, type ReadTransaction, type TransactionOutput } from '@otedama/bitcoin-family';
import { type SignedTransaction, WalletError } from '@otedama/payouts';
import { inputWeight, outpointOf, type WalletCoin } from './coins.ts';
import { freeCoins, type PaymentContext, signDraft } from './payment.ts';
import { proveOutputs } from './signing.ts';

/** Nodes want one increment more; with less than a quarter more it would soon be stuck again. */
const STEP_PERCENT = 125n;
/** Scripts of the wallet's own that we spend and whose redeem script was shown when they were chosen. */
const NESTED_REDEEM = `0014${'00'.repeat(20)}`;

const keyOf = ({ valueAtomic, scriptPubKey }: TransactionOutput): string =>
  `${valueAtomic}:${Buffer.from(scriptPubKey).toString('hex')}`;

/** What is left of the outputs when the payees are taken out: the change. */
const changeOf = (
  stuck: ReadTransaction,
  payees: readonly TransactionOutput[],
): TransactionOutput[] | undefined => {
  const left = [...stuck.outputs];
  for (const payee of payees) {
    const at = left.findIndex((output) => keyOf(output) === keyOf(payee));
    if (at === -1) return undefined;
    left.splice(at, 1);
  }
  return left.length > 1 ? undefined : left;
};

/** The highest fee, and the highest rate, among what it takes the place of. */
const paidBefore = (
  stuck: SignedTransaction,
  inFlight: readonly SignedTransaction[],
): { readonly feeAtomic: bigint; readonly perKvb: bigint } => {
  const versions = [
    stuck,
    ...inFlight.filter(({ spends }) => spends.some((one) => stuck.spends.includes(one))),
  ];
  let feeAtomic = 0n;
  let perKvb = 0n;
  for (const version of versions) {
    const weight = readTransaction(Buffer.from(version.raw, 'hex'))?.weight ?? 4;
    const rate = (version.feeAtomic * 1_000n) / BigInt(Math.ceil(weight / 4));
    if (version.feeAtomic > feeAtomic) ({ feeAtomic } = version);
    if (rate > perKvb) perKvb = rate;
  }
  return { feeAtomic, perKvb };
};

const requiredCoins = async (
  { node, coin }: PaymentContext,
  { inputs }: ReadTransaction,
): Promise<WalletCoin[]> => {
  const proven = await proveOutputs(node, coin, inputs);
  return inputs.map(({ txid, index }, at) => {
    const { valueAtomic = 0n, scriptPubKey = new Uint8Array() } = proven[at] ?? {};
    const weight = inputWeight(scriptPubKey, NESTED_REDEEM);
    if (weight === undefined) throw new TypeError('an input that this wallet never chooses');
    return { txid, index, amountAtomic: valueAtomic, scriptPubKey, inputWeight: weight };
  });
};

export const replacePayment = async (
  context: PaymentContext,
  payees: readonly TransactionOutput[],
  stuck: SignedTransaction,
  inFlight: readonly SignedTransaction[],
): Promise<SignedTransaction> => {
  const { node, coin, rate, ceilingPerKvb } = context;
  const fail = (detail: string): WalletError =>
    new WalletError('WALLET_CANNOT_BUMP', { coin: coin.id, detail });
  const old = readTransaction(Buffer.from(stuck.raw, 'hex'));
  const change = old === undefined ? undefined : changeOf(old, payees);
  if (old === undefined || change === undefined) throw fail('the transaction does not pay these payees');
  const before = paidBefore(stuck, inFlight);
  const stepPerKvb = (before.perKvb * STEP_PERCENT) / 100n;
  const wantedPerKvb = stepPerKvb > rate.perKvb ? stepPerKvb : rate.perKvb;
  const ratePerKvb = wantedPerKvb > ceilingPerKvb ? ceilingPerKvb : wantedPerKvb;
  if (ratePerKvb < before.perKvb + rate.incrementPerKvb) {
    throw fail(`a fee that nodes take instead would be above the configured ${ceilingPerKvb} for 1000 bytes`);
  }
  const own = new Set(stuck.spends);
  const available = await freeCoins(node, inFlight);
  return signDraft(context, {
    payees,
    required: await requiredCoins(context, old),
    available: available.filter((one) => !own.has(outpointOf(one))),
    changeScript: change[0]?.scriptPubKey,
    ratePerKvb,
    atLeast: { atomic: before.feeAtomic, perKvb: rate.incrementPerKvb },
  });
};
