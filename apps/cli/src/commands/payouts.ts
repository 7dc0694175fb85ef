/**
 * `otedama payouts`: what is paid to whom, and what a person decides about it. A decision changes the state of a batch
 * in the database; whichever process keeps the books then does what follows from it.
 */
import { parseArgs } from 'node:util';
import { makePlan, noLessons, openWallets, type PayoutTask } from '@otedama/app-pool-accounting';
import { silentLogger } from '@otedama/contracts';
import { createPayoutOutbox, type PayoutOutbox, type PayoutReport } from '@otedama/ledger';
import { type Books, booksOptions, withBooks } from '../books.ts';
import { CommandFailure, usage } from '../failure.ts';
import { osUser } from '../os-user.ts';
import { describePayouts, describePlan, type UnitOf } from '../payouts/describe.ts';

const options = {
  ...booksOptions,
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  now: { type: 'boolean' },
  pool: { type: 'string' },
  reason: { type: 'string' },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Numbers of any length travel as text. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));

const MAX_LISTED = 1_000;

const unitsOf =
  ({ config }: Books): UnitOf =>
  (poolId, coin) => {
    const pool = config.pools.find(({ id }) => id === poolId);
    return [pool?.coin, ...(pool?.mergedChains.map((chain) => chain.coin) ?? [])].find(
      (own) => own?.id === coin,
    );
  };

/** Pools that are configured no more keep their batches; they are listed when they are asked for. */
const poolsOf = ({ config }: Books, { pool }: Values): readonly string[] =>
  pool === undefined ? config.pools.map(({ id }) => id) : [pool];

const list = async (values: Values, extra: readonly string[]): Promise<void> => {
  if (extra.length > 0) throw usage('payouts: list [--all] [--pool ID] [--json]');
  await withBooks(values, async (books) => {
    const outbox = createPayoutOutbox(books.database.db);
    const pools = poolsOf(books, values);
    const page = { limit: MAX_LISTED, offset: 0 };
    const payouts = await outbox.list({ pools, isOpen: values.all !== true }, page);
    const refusals = await outbox.refusals(pools);
    print(
      values.json === true
        ? toJson({ payouts, refusals })
        : describePayouts(payouts, refusals, unitsOf(books)),
    );
  });
};

const planOf = async ({ chain, wallet, terms }: PayoutTask, outbox: PayoutOutbox) => {
  await wallet.check();
  const context = { chain, wallet, terms, outbox, lessons: noLessons() };
  const { plan } = await makePlan({
    ...context,
    clock: Date.now,
    logger: silentLogger,
    attend: () => undefined,
  });
  return { poolId: chain.pool, coin: chain.coin, plan };
};

const plan = async (values: Values, extra: readonly string[]): Promise<void> => {
  if (extra.length > 0) throw usage('payouts: plan [--now] [--pool ID] [--reason TEXT] [--json]');
  await withBooks(values, async (books) => {
    const outbox = createPayoutOutbox(books.database.db);
    const pools = poolsOf(books, values);
    const tasks = openWallets(books.config.pools).filter(({ chain }) => pools.includes(chain.pool));
    if (tasks.length === 0)
      throw new CommandFailure('no wallet is configured for that: see "wallet" of a pool');
    try {
      for (const task of tasks) {
        const planned = await planOf(task, outbox);
        const text = describePlan(planned.poolId, planned.coin, planned.plan, unitsOf(books));
        print(values.json === true ? toJson(planned) : text);
        if (values.now === true)
          await outbox.planSoon(task.chain, { by: operator(values), atMs: Date.now() });
      }
    } finally {
      for (const { wallet } of tasks) wallet.close();
    }
    if (values.now !== true) return;
    if (values.json !== true) print('planned at the next look of the otedama that keeps the books');
    warnIfIdle(books);
  });
};

/** No command pays by itself: that is left to the one process that keeps the books. */
const warnIfIdle = ({ isInUse }: Books): void => {
  if (isInUse === false)
    process.stderr.write("otedama: none runs here; nothing is paid until './otedama up' does\n");
};

const operator = ({ reason = '' }: Values) => ({ actor: osUser(), reason });

/** Confirmations from which on a conflict is final, as configured for the batch's chain. */
const finalConfirmations = ({ config }: Books, { poolId, coin }: PayoutReport): number => {
  const task = openWallets(config.pools).find(({ chain }) => chain.pool === poolId && chain.coin === coin);
  task?.wallet.close();
  if (task === undefined)
    throw new CommandFailure(`pool ${poolId} has no wallet for ${coin} in this configuration`);
  return task.terms.depths.finalConfirmations;
};

const parseId = (word: string | undefined, action: string): bigint => {
  if (word === undefined || !/^\d{1,18}$/.test(word)) throw usage(`payouts: ${action} ID [--reason TEXT]`);
  return BigInt(word);
};

const DONE = {
  approve: 'is approved: the otedama that keeps the books signs and sends it',
  retry: 'is looked at again: what is signed is sent once more, and nothing is signed anew',
  cancel: 'is cancelled: its miners are owed again what it took',
} as const;

const decide =
  (action: keyof typeof DONE) =>
  async (values: Values, [word, ...extra]: readonly string[]): Promise<void> => {
    const id = parseId(extra.length === 0 ? word : undefined, action);
    if (action === 'cancel' && (values.reason ?? '') === '') throw usage('payouts: cancel ID --reason TEXT');
    await withBooks(values, async (books) => {
      const outbox = createPayoutOutbox(books.database.db);
      const [batch] = await outbox.list({ pools: poolsOf(books, values), id }, { limit: 1, offset: 0 });
      if (batch === undefined) throw new CommandFailure(`there is no batch ${id}`);
      const decision = { by: operator(values), atMs: Date.now() };
      if (action === 'cancel') await outbox.cancel(id, finalConfirmations(books, batch), decision);
      else await outbox[action](id, decision);
      print(values.json === true ? toJson({ id, action }) : `batch ${id} ${DONE[action]}`);
      warnIfIdle(books);
    });
  };

const actions: Readonly<Record<string, (values: Values, rest: readonly string[]) => Promise<void>>> = {
  list,
  plan,
  approve: decide('approve'),
  retry: decide('retry'),
  cancel: decide('cancel'),
};

export const payoutsCommand = async ([word = '', ...rest]: readonly string[]): Promise<void> => {
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (action === undefined) throw usage(`payouts: one of ${Object.keys(actions).join(', ')}`);
  const { values, positionals } = parse(rest);
  await action(values, positionals);
};
