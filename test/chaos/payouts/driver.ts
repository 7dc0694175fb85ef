/**
 * Pays miners out of real books while the paying process is killed again and again, at every step there is, and the
 * wallet's answers get lost; then asks the chain, not the books, what each miner has got.
 */
import { spawn } from 'node:child_process';
import { createLedger, createPayoutOutbox } from '@otedama/ledger';
import { creditMatured, startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import { pause } from '@otedama/test-harness';
import { createSeededRandom, type SeededRandom } from '../seeded-random.ts';
import type { PayerOptions } from './payer.ts';
import { KILL_POINTS, type KillPoint } from './points.ts';
import { PAYOUT_CHAIN_POOL, type PayerTerms } from './terms.ts';
import type { PayoutTestChain } from './test-chain.ts';

export interface PayoutRunOptions {
  readonly chain: PayoutTestChain;
  readonly seed: number;
  /** Miners to be paid, once each. */
  readonly payouts: number;
  /** Processes that are told to die; the last ones are let live until all is paid. */
  readonly kills: number;
  readonly terms: PayerTerms;
  /** What miners are owed, in atomic units. */
  readonly amounts: { readonly least: bigint; readonly most: bigint };
  /** From block to block. */
  readonly blockMs: number;
  readonly lostPercent?: number;
  /** Two processes at once, as when the lease of the books fails; else one. */
  readonly payers?: 1 | 2;
  /** For the whole run. */
  readonly timeoutMs: number;
  onEvent(line: string): void;
}

export interface PayoutRunReport {
  readonly payouts: number;
  readonly batches: number;
  readonly transactions: number;
  /** Batches with a replacement. */
  readonly replaced: number;
  readonly kills: number;
  readonly killsAt: Readonly<Partial<Record<KillPoint, number>>>;
  /** A sentence for each miner whose payments on the chain are not those of the books, and for what the books find. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

const PAYER = new URL('payer.ts', import.meta.url).pathname;
const PATIENCE_MS = 20_000;

class PayoutRun {
  readonly #options: PayoutRunOptions;
  readonly #database: TestDatabase;
  readonly #random: SeededRandom;
  readonly #killsAt: Partial<Record<KillPoint, number>> = {};
  readonly #owed = new Map<string, bigint>();
  readonly #endsAt: number;
  #heard = '';

  constructor(options: PayoutRunOptions, database: TestDatabase) {
    this.#options = options;
    this.#database = database;
    this.#random = createSeededRandom(options.seed);
    this.#endsAt = Date.now() + options.timeoutMs;
  }

  async credit(): Promise<void> {
    const { chain, payouts, amounts } = this.#options;
    for (const address of await chain.addresses(payouts)) {
      const span = Number(amounts.most - amounts.least);
      this.#owed.set(address, amounts.least + BigInt(Math.floor(this.#random.next() * span)));
    }
    const terms = { scheme: 'solo', window: { kind: 'work', networkBlocks: 1 }, feeBasisPoints: 0 } as const;
    const ledger = createLedger(this.#database.db);
    await ledger.registerPools([{ id: PAYOUT_CHAIN_POOL, coin: chain.coin, terms }]);
    const owed = Object.fromEntries(this.#owed);
    const credits = { pool: PAYOUT_CHAIN_POOL, coin: chain.coin, owed, atMs: Date.now() };
    await creditMatured(this.#database, credits);
  }

  /** Blocks come whatever the payers do. */
  async mineUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#options.chain.advance();
      await pause(this.#options.blockMs);
    }
  }

  /** Every point in turn, in an order of the seed's, each time at another of its occurrences. */
  async payWhileKilled(): Promise<void> {
    const { kills, payers = 1 } = this.#options;
    const points: KillPoint[] = [];
    for (let number = 0; number < kills && !(await this.#isPaid()); number += payers) {
      const started = Array.from({ length: payers }, () => {
        if (points.length === 0) points.push(...this.#shuffled(KILL_POINTS));
        return this.#startPayer(points.pop());
      });
      await Promise.all(started);
    }
    while (!(await this.#isPaid())) await this.#startPayer(undefined);
  }

  #shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, key: this.#random.next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }

  async #isPaid(): Promise<boolean> {
    if (Date.now() > this.#endsAt) throw new Error(`not paid in time:\n${this.#heard}`);
    const outbox = createPayoutOutbox(this.#database.db);
    const chain = { pool: PAYOUT_CHAIN_POOL, coin: this.#options.chain.coin };
    return (await outbox.debts(chain)).length === 0 && (await outbox.open(chain)).length === 0;
  }

  /** Undefined: this one is let live. */
  async #startPayer(point: KillPoint | undefined): Promise<void> {
    const { chain, terms, lostPercent = 4 } = this.#options;
    const die = point === undefined ? undefined : { point, skip: this.#random.whole(0, 1) };
    const options: PayerOptions = {
      connection: this.#database.server.connection,
      coin: chain.coin,
      walletModule: chain.walletModule,
      walletOptions: chain.walletOptions,
      terms,
      seed: this.#random.whole(0, 2 ** 31),
      die,
      lostPercent,
      // A point that does not come, as where nothing needs to be replaced, must not hold up the others.
      patienceMs: die === undefined ? PATIENCE_MS : PATIENCE_MS / 4,
    };
    const died = await this.#run(options);
    if (died === undefined) return;
    this.#killsAt[died] = (this.#killsAt[died] ?? 0) + 1;
    this.#options.onEvent(`killed ${died}`);
  }

  /** Undefined: it ended by itself. */
  async #run(options: PayerOptions): Promise<KillPoint | undefined> {
    const child = spawn(process.execPath, ['--no-warnings', PAYER, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on(
      'data',
      (chunk: Buffer) => (this.#heard = `${this.#heard}${chunk.toString()}`.slice(-20_000)),
    );
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.on('close', (...ended) => resolve(ended)),
    );
    const point = KILL_POINTS.find((each) => said.includes(`${each}\n`));
    if (signal === 'SIGKILL' && point !== undefined) return point;
    if (code !== 0) throw new Error(`the payer ended with ${code ?? signal}:\n${this.#heard}`);
    return undefined;
  }

  async report(seconds: number): Promise<PayoutRunReport> {
    const { db } = this.#database;
    const batches = await createPayoutOutbox(db).list(
      { pools: [PAYOUT_CHAIN_POOL] },
      { limit: 10_000, offset: 0 },
    );
    const proof = await createLedger(db).prove();
    const kills = Object.values(this.#killsAt).reduce((sum, count) => sum + count, 0);
    return {
      payouts: this.#owed.size,
      batches: batches.filter(({ state }) => state === 'confirmed').length,
      transactions: batches.reduce((sum, { transactions }) => sum + transactions.length, 0),
      replaced: batches.filter(({ transactions }) => transactions.length > 1).length,
      kills,
      killsAt: this.#killsAt,
      problems: [...(await this.#comparePayments()), ...proof.problems, ...(await this.#compareWallet())],
      seconds: Math.round(seconds),
    };
  }

  /** Each miner: one payment on the chain, of the amount in the books, out of a debit of all that was owed. */
  async #comparePayments(): Promise<string[]> {
    const { rows } = await this.#database.pool.query<{
      address: string;
      account: string;
      amount: string;
      gross: string;
    }>(
      `SELECT payee.address, account.address AS account, payee.amount, debit.gross
         FROM payout_payee payee
         JOIN payout_batch batch ON batch.id = payee.batch_id AND batch.state = 'confirmed'
         JOIN payout_debit debit ON debit.batch_id = payee.batch_id AND debit.ordinal = payee.ordinal
         JOIN account ON account.id = debit.account_id`,
    );
    const booked = new Map<string, { address: string; amounts: bigint[]; gross: bigint[] }>();
    for (const { address, account, amount, gross } of rows) {
      const known = booked.get(account) ?? { address, amounts: [], gross: [] };
      known.amounts.push(BigInt(amount));
      known.gross.push(BigInt(gross));
      booked.set(account, known);
    }
    const addresses = [...this.#owed.keys()].map((account) => booked.get(account)?.address ?? account);
    const onChain = await this.#options.chain.payments(addresses);
    return [...this.#owed].flatMap(([account, owed]) => {
      const { address, amounts, gross } = booked.get(account) ?? { address: account, amounts: [], gross: [] };
      const paid = onChain.get(address) ?? [];
      const isRight =
        paid.length === 1 && amounts.length === 1 && paid[0] === amounts[0] && gross[0] === owed;
      if (isRight) return [];
      return [
        `${account} was owed ${owed}, got ${paid.join(' + ') || 'nothing'} on the chain, ${amounts.join(' + ')} in the books`,
      ];
    });
  }

  /** What the books say left the wallet is what the chain says left it. */
  async #compareWallet(): Promise<string[]> {
    const total = await this.#options.chain.walletTotalAtomic?.();
    if (total === undefined || this.#startTotal === undefined) return [];
    const { rows } = await this.#database.pool.query<{ left: string }>(
      `SELECT coalesce(-sum(posting.amount), 0) AS left
         FROM posting JOIN account ON account.id = posting.account_id JOIN journal_entry entry ON entry.id = posting.entry_id
        WHERE account.kind = 'wallet' AND entry.payout_batch_id IS NOT NULL`,
    );
    const left = BigInt(rows[0]?.left ?? 0);
    if (this.#startTotal - total === left) return [];
    return [`${this.#startTotal - total} left the wallet on the chain, and ${left} in the books`];
  }

  #startTotal: bigint | undefined;

  async weigh(): Promise<void> {
    this.#startTotal = await this.#options.chain.walletTotalAtomic?.();
  }
}

export const runPayouts = async (options: PayoutRunOptions): Promise<PayoutRunReport> => {
  const began = performance.now();
  const database = await startTestDatabase();
  const mining = new AbortController();
  try {
    const run = new PayoutRun(options, database);
    await run.credit();
    await run.weigh();
    const mined = run.mineUntil(mining.signal);
    await run.payWhileKilled().finally(() => mining.abort());
    await mined;
    return await run.report((performance.now() - began) / 1_000);
  } finally {
    mining.abort();
    await database.dispose();
  }
};
