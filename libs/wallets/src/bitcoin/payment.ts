/** A payment from the wallet's coins: chosen, written down, signed. */
import type { TransactionBody, TransactionOutput } from '@otedama/bitcoin-family';
import { parseAddress, type ScriptCoin } from '@otedama/chain-params';
import { type SignedTransaction, WalletError } from '@otedama/payouts';
import { inputWeight, outpointOf, type WalletCoin } from './coins.ts';
import type { FeeRate } from './fee-rate.ts';
import type { WalletNode } from './node.ts';
import { dustAtomic, outputBytes, relayPolicy } from './policy.ts';
import { selectCoins, type SelectOptions, type Selection } from './select.ts';
import { signBody } from './signing.ts';

export interface PaymentContext {
  readonly node: WalletNode;
  readonly coin: ScriptCoin;
  readonly rate: FeeRate;
  readonly ceilingPerKvb: bigint;
  readonly replaces: boolean;
}

export interface Draft {
  readonly payees: readonly TransactionOutput[];
  readonly required: readonly WalletCoin[];
  readonly available: readonly WalletCoin[];
  /** Where change goes; undefined: to a new address of the wallet. */
  readonly changeScript: Uint8Array | undefined;
  readonly ratePerKvb: bigint;
  readonly atLeast: SelectOptions['atLeast'];
}

const VERSION = 2;
const REORG_DEPTH = 100;
/** BIP125: a transaction with such an input may be replaced. */
const REPLACEABLE = 0xfffffffd;
/** The lock time counts, and that is all. */
const FINAL_UNLESS_LOCKED = 0xfffffffe;
/** Of an output to a key hash, with and without segregated witness. */
const CHANGE_SCRIPT_BYTES = { segwit: 22, legacy: 25 };
/** A payout pays many and spends few coins: these few more keep a wallet of block rewards from falling to pieces. */
const SWEPT_COINS = 20;
/** So many stay, that the next batches need not wait for the change of this one. */
const KEPT_COINS = 20;

export interface OwnedCoins {
  readonly confirmed: readonly WalletCoin[];
  readonly unconfirmed: readonly WalletCoin[];
}

export const ownedCoins = async (node: WalletNode): Promise<OwnedCoins> => {
  const confirmed: WalletCoin[] = [];
  const unconfirmed: WalletCoin[] = [];
  for (const output of await node.unspent()) {
    const scriptPubKey = Uint8Array.from(Buffer.from(output.scriptPubKey, 'hex'));
    const weight = inputWeight(scriptPubKey, output.redeemScript);
    if (weight === undefined) continue;
    const { txid, vout: index, amount: amountAtomic, confirmations } = output;
    const coin = { txid, index, amountAtomic, scriptPubKey, inputWeight: weight };
    (confirmations > 0 ? confirmed : unconfirmed).push(coin);
  }
  return { confirmed, unconfirmed };
};

/** Without what is taken by transactions that the daemon may know nothing of. */
export const freeCoins = async (
  node: WalletNode,
  inFlight: readonly SignedTransaction[],
): Promise<WalletCoin[]> => {
  const taken = new Set(inFlight.flatMap(({ spends }) => spends));
  return (await ownedCoins(node)).confirmed.filter((coin) => !taken.has(outpointOf(coin)));
};

/** A new address of the wallet, which the wallet itself calls its own. */
const newChangeScript = async ({ node, coin }: PaymentContext): Promise<Uint8Array> => {
  const address = await node.changeAddress();
  const parsed = parseAddress(coin, address);
  if (!parsed.ok || !(await node.isMine(address))) {
    const detail = 'the wallet gives out addresses for change that are not its own, or not of this chain';
    throw new WalletError('WALLET_RPC', { coin: coin.id, detail });
  }
  return parsed.scriptPubKey;
};

const changeBytes = ({ coin }: PaymentContext): number =>
  8 + 1 + CHANGE_SCRIPT_BYTES[coin.addresses.hrp === undefined ? 'legacy' : 'segwit'];

const leastChange = ({ coin }: PaymentContext): bigint =>
  dustAtomic(relayPolicy(coin), new Uint8Array(CHANGE_SCRIPT_BYTES.legacy));

const chosen = (
  { coin }: PaymentContext,
  selection: Selection,
  paidAtomic: bigint,
): Extract<Selection, { kind: 'selected' }> => {
  switch (selection.kind) {
    case 'selected':
      return selection;
    case 'too-large': {
      const detail =
        'the coins of the wallet are too small for one transaction to pay so many: pay fewer, or gather them';
      throw new WalletError('WALLET_TRANSACTION_TOO_LARGE', { coin: coin.id, detail });
    }
    case 'insufficient': {
      const { spendableAtomic } = selection;
      const detail =
        `${paidAtomic} ${coin.atomicUnit} and a fee are to be paid, and ${spendableAtomic} can be spent: ` +
        'wait for rewards to mature and payouts to confirm, or fund the wallet';
      throw new WalletError('WALLET_INSUFFICIENT_FUNDS', { coin: coin.id, detail, spendableAtomic });
    }
  }
};

/** How many small coins go along with a new payment. */
const sweepOf = ({ rate }: PaymentContext, { required, available }: Draft): number =>
  rate.isFloor && required.length === 0
    ? Math.min(SWEPT_COINS, Math.max(0, available.length - KEPT_COINS))
    : 0;

export const signDraft = async (context: PaymentContext, draft: Draft): Promise<SignedTransaction> => {
  const { node, coin, replaces, ceilingPerKvb } = context;
  const { payees, required, available, ratePerKvb, atLeast } = draft;
  const paidAtomic = payees.reduce((sum, { valueAtomic }) => sum + valueAtomic, 0n);
  const leastChangeAtomic = leastChange(context);
  const selection = chosen(
    context,
    selectCoins({
      required,
      available,
      paidAtomic,
      outputBytes: payees.reduce((sum, { scriptPubKey }) => sum + outputBytes(scriptPubKey), 0),
      changeBytes: changeBytes(context),
      leastChangeAtomic,
      ratePerKvb,
      atLeast,
      sweep: sweepOf(context, draft),
    }),
    paidAtomic,
  );
  const { coins, changeAtomic } = selection;
  const outputs = [...payees];
  if (changeAtomic > 0n) {
    const scriptPubKey = draft.changeScript ?? (await newChangeScript(context));
    outputs.push({ valueAtomic: changeAtomic, scriptPubKey });
  }
  const sequence = replaces ? REPLACEABLE : FINAL_UNLESS_LOCKED;
  const body: TransactionBody = {
    version: VERSION,
    inputs: coins.map(({ txid, index }) => ({ txid, index, sequence })),
    outputs,
    // Says after which block whatever conflicts with it came, and is final on any branch that is no deeper.
    lockTime: Math.max(0, (await node.chain()).blocks - REORG_DEPTH),
  };
  return signBody({ node, coin, ceilingPerKvb, leastChangeAtomic }, body, coins);
};

export const buildPayment = async (
  context: PaymentContext,
  payees: readonly TransactionOutput[],
  inFlight: readonly SignedTransaction[],
): Promise<SignedTransaction> =>
  signDraft(context, {
    payees,
    required: [],
    available: await freeCoins(context.node, inFlight),
    changeScript: undefined,
    ratePerKvb: context.rate.perKvb,
    atLeast: { atomic: 0n, perKvb: 0n },
  });
