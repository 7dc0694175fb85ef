/**
 * A chain and its node for tests of paying out, which knows nothing of our code: it keeps balances, takes nothing that
 * spends what is spent, uses each nonce once, and forgets, reorganises and asks for higher fees as chains do.
 */
import { createHash } from 'node:crypto';

export interface DoubleOutput {
  readonly address: string;
  readonly amount: bigint;
}

export interface DoubleTransaction {
  /** Outpoints `txid:n`, or one `nonce:n`. */
  readonly spends: readonly string[];
  readonly outputs: readonly DoubleOutput[];
  readonly fee: bigint;
}

export type DoubleStanding =
  | { readonly kind: 'unknown' | 'pending' }
  | {
      readonly kind: 'confirmed';
      readonly confirmations: number;
      readonly block: string;
      readonly fee: bigint;
    }
  | { readonly kind: 'conflicted'; readonly confirmations: number; readonly by: string };

export interface DoubleOptions {
  /** Coins are spent once, or an account counts its transactions. */
  readonly kind: 'coins' | 'account';
  /** What the wallet has: one coin each, or all on its account. */
  readonly funds: readonly bigint[];
}

interface Mined {
  readonly height: number;
  readonly txid: string;
  readonly transaction: DoubleTransaction;
}

export const WALLET = 'wallet';

export const encodeTransaction = (transaction: DoubleTransaction): string =>
  JSON.stringify(transaction, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));

export const decodeTransaction = (raw: string): DoubleTransaction =>
  JSON.parse(raw, (_, value: unknown) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as DoubleTransaction;

export const txidOf = (raw: string): string => createHash('sha256').update(raw).digest('hex');

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/** What a node says no to. */
export class DoubleRefusal extends Error {
  override readonly name = 'DoubleRefusal';
}

export class DoubleChain {
  readonly kind: DoubleOptions['kind'];
  /** Below it nothing is mined: what waits must be replaced. */
  leastFee = 0n;
  readonly #funds: bigint[];
  readonly #mempool = new Map<string, DoubleTransaction>();
  readonly #locked = new Set<string>();
  /** Transactions by block; what is taken back is gone from here. */
  #blocks: Mined[][] = [];

  constructor({ kind, funds }: DoubleOptions) {
    this.kind = kind;
    this.#funds = [...funds];
  }

  get height(): number {
    return this.#blocks.length;
  }

  get waiting(): number {
    return this.#mempool.size;
  }

  #mined(): Mined[] {
    return this.#blocks.flat();
  }

  /** Coins that the chain knows and nothing has spent, of whomever. */
  #unspent(): Map<string, DoubleOutput> {
    const coins = new Map<string, DoubleOutput>();
    this.#funds.forEach((amount, index) => coins.set(`funds:${index}`, { address: WALLET, amount }));
    for (const { txid, transaction } of this.#mined()) {
      for (const spend of transaction.spends) coins.delete(spend);
      transaction.outputs.forEach((output, index) => coins.set(`${txid}:${index}`, output));
    }
    return coins;
  }

  #nonce(): number {
    return this.#mined().length;
  }

  #accountBalance(): bigint {
    const spent = this.#mined().map(
      ({ transaction: { outputs, fee } }) => sum(outputs.map((o) => o.amount)) + fee,
    );
    return sum(this.#funds) - sum(spent);
  }

  /** What the wallet has in the chain, whether or not something in the memory pool will spend it. */
  walletTotal(): bigint {
    if (this.kind === 'account') return this.#accountBalance();
    return sum([...this.#unspent().values()].filter((o) => o.address === WALLET).map((o) => o.amount));
  }

  /** Something the wallet is sent, deep in the chain at once. */
  fund(amount: bigint): void {
    this.#funds.push(amount);
  }

  coinValue(coin: string): bigint {
    return this.#unspent().get(coin)?.amount ?? 0n;
  }

  nonce(): number {
    return this.#nonce();
  }

  /** Coins of the wallet that neither the memory pool nor a lock has taken. */
  spendable(): readonly (readonly [string, bigint])[] {
    const taken = new Set([...this.#mempool.values()].flatMap(({ spends }) => spends));
    return [...this.#unspent()]
      .filter(([id, { address }]) => address === WALLET && !taken.has(id) && !this.#locked.has(id))
      .map(([id, { amount }]) => [id, amount]);
  }

  lock(coins: readonly string[]): void {
    for (const coin of coins) {
      if (this.#locked.has(coin)) throw new DoubleRefusal(`${coin} is locked`);
    }
    for (const coin of coins) this.#locked.add(coin);
  }

  unlock(coins: readonly string[]): void {
    for (const coin of coins) this.#locked.delete(coin);
  }

  /** Locks of what nobody in flight spends were left by somebody who died. */
  unlockBut(coins: ReadonlySet<string>): void {
    for (const coin of this.#locked) if (!coins.has(coin)) this.#locked.delete(coin);
  }

  accept(raw: string): void {
    const txid = txidOf(raw);
    const transaction = decodeTransaction(raw);
    if (this.#mempool.has(txid) || this.#mined().some((mined) => mined.txid === txid)) return;
    this.#validate(transaction);
    const rivals = [...this.#mempool].filter(([, other]) =>
      other.spends.some((spend) => transaction.spends.includes(spend)),
    );
    if (rivals.some(([, { fee }]) => fee >= transaction.fee))
      throw new DoubleRefusal('replacement underpriced');
    for (const [rival] of rivals) this.#mempool.delete(rival);
    this.#mempool.set(txid, transaction);
  }

  #validate({ spends, outputs, fee }: DoubleTransaction): void {
    const out = sum(outputs.map(({ amount }) => amount)) + fee;
    if (outputs.some(({ amount }) => amount <= 0n) || fee < 0n) throw new DoubleRefusal('bad amounts');
    if (this.kind === 'account') {
      const [spend = ''] = spends;
      if (spends.length !== 1 || Number(spend.slice('nonce:'.length)) < this.#nonce()) {
        throw new DoubleRefusal('nonce too low');
      }
      if (out > this.#accountBalance()) throw new DoubleRefusal('insufficient funds');
      return;
    }
    const coins = this.#unspent();
    const inputs = spends.map((spend) => coins.get(spend));
    if (inputs.some((coin) => coin?.address !== WALLET)) throw new DoubleRefusal('missing inputs');
    if (sum(inputs.map((coin) => coin?.amount ?? 0n)) !== out)
      throw new DoubleRefusal('amounts do not add up');
  }

  standing(raw: string): DoubleStanding {
    const txid = txidOf(raw);
    if (this.#mempool.has(txid)) return { kind: 'pending' };
    const { spends } = decodeTransaction(raw);
    for (const mined of this.#mined()) {
      const confirmations = this.height - mined.height;
      if (mined.txid === txid) {
        const block = `${mined.height}/${confirmations}`;
        return { kind: 'confirmed', confirmations, block, fee: mined.transaction.fee };
      }
      if (mined.transaction.spends.some((spend) => spends.includes(spend))) {
        return { kind: 'conflicted', confirmations, by: mined.txid };
      }
    }
    return { kind: 'unknown' };
  }

  /** Takes what pays enough; an account's transactions one after the other without a gap. */
  mine(): void {
    const height = this.height;
    this.#blocks.push([]);
    for (const [txid, transaction] of this.#inOrder()) {
      if (transaction.fee < this.leastFee) {
        if (this.kind === 'account') break;
        continue;
      }
      if (this.kind === 'account' && transaction.spends[0] !== `nonce:${this.#nonce()}`) break;
      this.#mempool.delete(txid);
      this.#blocks.at(-1)?.push({ height, txid, transaction });
    }
  }

  #inOrder(): [string, DoubleTransaction][] {
    const nonceOf = ({ spends: [spend = ''] }: DoubleTransaction): number => Number(spend.slice(6));
    const all = [...this.#mempool];
    return this.kind === 'account' ? all.sort(([, a], [, b]) => nonceOf(a) - nonceOf(b)) : all;
  }

  /** Takes blocks back; what was in them waits again, or is forgotten. */
  reorganise(depth: number, isForgotten: () => boolean): void {
    const undone = this.#blocks.splice(Math.max(0, this.#blocks.length - depth)).flat();
    for (const { txid, transaction } of undone) if (!isForgotten()) this.#mempool.set(txid, transaction);
    this.forget(({ spends }) => {
      if (this.kind === 'account') return false;
      const coins = this.#unspent();
      return spends.some((spend) => !coins.has(spend));
    });
  }

  /** As a memory pool does that is full, or a node that starts anew. */
  forget(which: (transaction: DoubleTransaction) => boolean): void {
    for (const [txid, transaction] of this.#mempool) if (which(transaction)) this.#mempool.delete(txid);
  }

  payments(): ReadonlyMap<string, readonly bigint[]> {
    const paid = new Map<string, bigint[]>();
    for (const { transaction } of this.#mined()) {
      for (const { address, amount } of transaction.outputs) {
        paid.set(address, [...(paid.get(address) ?? []), amount]);
      }
    }
    return paid;
  }

  fees(): bigint {
    return sum(this.#mined().map(({ transaction }) => transaction.fee));
  }
}
