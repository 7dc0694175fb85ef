/**
 * The outputs by which a coinbase pays the miners of a pool. It follows from the template and the payees alone: every
 * validator that knows the job makes the same, to the byte.
 */
import type { BlockTemplate, CoinbaseOutput } from '@otedama/bitcoin-family';
import { type BitcoinCoin, dustLimitAtomic, parseAddress } from '@otedama/chain-params';
import type { CoinbasePayout, ListedPayee, PayeeSnapshot } from '@otedama/contracts';
import { dividedAtomic, type DuePayee, partOfPlace, planCoinbase } from '@otedama/rewards';

export interface CoinbaseTerms {
  readonly coin: BitcoinCoin;
  readonly feeBasisPoints: number;
  readonly maxCoinbaseBytes: number;
}

export interface PaidCoinbase {
  readonly outputs: readonly CoinbaseOutput[];
  /** As the block log will have it. */
  readonly payout: CoinbasePayout;
}

interface PlanInput {
  readonly body: BlockTemplate;
  readonly payees: PayeeSnapshot;
  /** Of the coinbase that pays the pool alone. */
  readonly bareBytes: number;
}

export type PlanPayout = (input: PlanInput) => PaidCoinbase;

/** Value, and the length of a script of less than 253 bytes. */
const OUTPUT_HEAD_BYTES = 9;
/** From 253 outputs on their count takes two bytes more. */
const COUNT_BYTES = 2;
/** Of the pool, and the witness commitment. */
const OWN_OUTPUTS = 2;

type Scripts = ReadonlyMap<string, Uint8Array>;

/**
 * What cannot be read any more cannot be paid; it stays owed. Most are on every list: reading thousands of addresses
 * anew takes longer than all the rest of a job.
 */
const scriptsOf = (coin: BitcoinCoin, payees: readonly ListedPayee[], known: Scripts): Scripts => {
  const scripts = new Map<string, Uint8Array>();
  for (const { address } of payees) {
    const script = known.get(address);
    const parsed = script === undefined ? parseAddress(coin, address) : undefined;
    if (script !== undefined) scripts.set(address, script);
    else if (parsed?.ok === true) scripts.set(address, parsed.scriptPubKey);
  }
  return scripts;
};

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;

const duePayees = (
  { coin, feeBasisPoints }: CoinbaseTerms,
  scripts: Scripts,
  { body, payees }: PlanInput,
): DuePayee[] => {
  const divided = dividedAtomic(body.coinbaseValueAtomic, payees, feeBasisPoints);
  // A block of ours that made this tip may have paid them: until it is booked they are nobody's to pay.
  const paysCarries = sameBytes(payees.carriesOn, body.previousBlockHash);
  return payees.payees.flatMap(({ address, before, work, carriedAtomic }) => {
    const script = scripts.get(address);
    if (script === undefined) return [];
    return {
      account: address,
      creditAtomic: partOfPlace(divided, { before, work }, payees.windowWork),
      carriedAtomic: paysCarries ? carriedAtomic : 0n,
      outputBytes: OUTPUT_HEAD_BYTES + script.length,
      minimumAtomic: dustLimitAtomic(coin, script),
    };
  });
};

const roomFor = ({ maxCoinbaseBytes }: CoinbaseTerms, { body, bareBytes }: PlanInput) => ({
  bytes: Math.min(maxCoinbaseBytes, body.room.coinbaseBytes) - bareBytes - COUNT_BYTES,
  outputs: body.room.coinbaseOutputs - OWN_OUTPUTS,
});

export const createPlanPayout = (terms: CoinbaseTerms): PlanPayout => {
  let scripts: Scripts = new Map();
  return (input) => {
    const { body, payees } = input;
    scripts = scriptsOf(terms.coin, payees.payees, scripts);
    const { payments } = planCoinbase({
      rewardAtomic: body.coinbaseValueAtomic,
      payees: duePayees(terms, scripts, input),
      room: roomFor(terms, input),
    });
    return {
      outputs: payments.map(({ account, amountAtomic }) => ({
        valueAtomic: amountAtomic,
        scriptPubKey: scripts.get(account) ?? new Uint8Array(),
      })),
      payout: {
        windowTo: payees.windowTo.toString(),
        windowCapacity: payees.windowCapacity.toString(),
        feeBasisPoints: terms.feeBasisPoints,
        payments: payments.map(({ account, amountAtomic, carriedAtomic }) => ({
          address: account,
          amountAtomic: amountAtomic.toString(),
          carriedAtomic: carriedAtomic.toString(),
        })),
      },
    };
  };
};
