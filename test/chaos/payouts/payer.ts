/**
 * Run as a program by the driver: pays out until all is paid, or until it kills itself at the point that it was told.
 * One argument: PayerOptions as JSON. Prints the point where it dies, or `done`.
 */
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createPayouts } from '@otedama/app-pool-accounting/payouts';
import { type Logger, silentLogger } from '@otedama/contracts';
import { type Connection, createPayoutOutbox, openDatabase } from '@otedama/ledger';
import type { PayoutWallet } from '@otedama/payouts';
import { Registry } from 'prom-client';
import { createSeededRandom } from '../seeded-random.ts';
import { type KillPoint, troubledOutbox, troubledWallet } from './points.ts';
import { PAYOUT_CHAIN_POOL, type PayerTerms, readTerms } from './terms.ts';

export interface PayerOptions {
  readonly connection: Connection;
  readonly coin: string;
  readonly walletModule: string;
  readonly walletOptions: unknown;
  readonly terms: PayerTerms;
  readonly seed: number;
  /** Undefined: this one is let live. */
  readonly die?: { readonly point: KillPoint; readonly skip: number } | undefined;
  /** Of a hundred answers of the wallet, so many are lost. */
  readonly lostPercent: number;
  /** It gives up when nothing of that kind happens for so long. */
  readonly patienceMs: number;
}

const options = JSON.parse(process.argv[2] ?? '') as PayerOptions;
const random = createSeededRandom(options.seed);
const chain = { pool: PAYOUT_CHAIN_POOL, coin: options.coin };

/** What it warns of is shown when the run fails. */
const logger: Logger = {
  ...silentLogger,
  warn: (fields, message) => void writeSync(2, `${JSON.stringify([message, fields], replacer)}\n`),
  error: (fields, message) => void writeSync(2, `${JSON.stringify([message, fields], replacer)}\n`),
};

function replacer(_: string, value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return typeof value === 'bigint' ? value.toString() : value;
}

const BROADCAST_TIMES = 5;
let left = options.die?.skip ?? 0;
/** Where its point does not come, it leaves work to those that die at other points. */
let plansLeft = 1 + left;
const isLast = (point: KillPoint): boolean => {
  if (point === 'before plan' && plansLeft-- <= 0) return true;
  return point === options.die?.point && left-- <= 0;
};
const trouble = {
  at: (point: KillPoint): void => {
    if (options.die === undefined || !isLast(point)) return;
    writeSync(1, `${point}\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal is on its way: not a single step more.
    for (;;);
  },
  // Half of it is lost before the wallet hears, half after it did. Sending is where it matters most.
  losesAnswer: (call: string): boolean =>
    random.whole(1, 200) <= options.lostPercent * (call === 'broadcast' ? BROADCAST_TIMES : 1),
};

const { openWallet } = (await import(options.walletModule)) as {
  openWallet(options: unknown): PayoutWallet | Promise<PayoutWallet>;
};
const database = openDatabase(options.connection, { logger: silentLogger });
const outbox = createPayoutOutbox(database.db);
const wallet = await openWallet(options.walletOptions);
const payouts = createPayouts(
  {
    outbox: troubledOutbox(outbox, trouble),
    isBookkeeper: () => true,
    registry: new Registry(),
    clock: Date.now,
    logger,
  },
  [{ chain, wallet: troubledWallet(wallet, trouble), terms: readTerms(options.terms), decimals: 8 }],
  options.terms.idleMs,
);

const isDone = async (): Promise<boolean> =>
  (await outbox.debts(chain)).length === 0 && (await outbox.open(chain)).length === 0;

const until = Date.now() + options.patienceMs;
payouts.start();
while (Date.now() < until && !(await isDone())) await delay(100);
await payouts.stop();
await database.close();
writeSync(1, 'done\n');
