/** `otedama ledger`: the books, explained, proved and given out. */
import { parseArgs } from 'node:util';
import { createSettlementQuery, openWallets } from '@otedama/app-pool-accounting';
import type { Config } from '@otedama/config';
import type { Settlement } from '@otedama/contracts';
import { ADJUSTABLE, createLedger, createPayoutOutbox, type Ledger, type PayoutChain } from '@otedama/ledger';
import { type Books, booksOptions, withBooks } from '../books.ts';
import { CommandFailure, usage } from '../failure.ts';
import { describeSettlement, theBlock } from '../ledger/explain.ts';
import { exportJournal, parseTime, type UnitOf } from '../ledger/export.ts';
import { formatAmount, parseAmount } from '../format.ts';
import { migrateBooks } from '../ledger/migrate.ts';
import { type CoinUnit, describeProof, describeWallets } from '../ledger/prove.ts';
import { osUser } from '../os-user.ts';
import { checkWallets, isProven, type WalletCheck } from '../ledger/wallet-proof.ts';

const options = {
  ...booksOptions,
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  from: { type: 'string' },
  to: { type: 'string' },
  coin: { type: 'string' },
  pool: { type: 'string' },
  address: { type: 'string' },
  reason: { type: 'string' },
} as const;

/** An amount below zero is no option: it goes behind all of them, where it is the last word anyway. */
const parse = (args: readonly string[]) => {
  const isNegative = (word: string): boolean => /^-\d/.test(word);
  const words = [...args.filter((word) => !isNegative(word)), '--', ...args.filter(isNegative)];
  return parseArgs({ args: words, options, allowPositionals: true });
};
type Values = ReturnType<typeof parse>['values'];

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const chainsOf = (pools: Config['pools']) =>
  pools.flatMap((pool) => [pool.coin, ...pool.mergedChains.map((chain) => chain.coin)]);

const unitsOf =
  ({ pools }: Config): UnitOf =>
  (poolId, coin) =>
    chainsOf(pools.filter(({ id }) => id === poolId)).find(({ id }) => id === coin);

const coinUnits =
  ({ pools }: Config): CoinUnit =>
  (coin) =>
    chainsOf(pools).find(({ id }) => id === coin);

/** Numbers of any length travel as text. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));

const PAGE = 1_000;

/** The sheet with all its miners, or with the one that was asked for. */
const wholeSheet = async (
  { config }: Books,
  ledger: Ledger,
  request: { readonly coin: string; readonly hash: string; readonly address?: string },
): Promise<Settlement> => {
  const settlement = createSettlementQuery(ledger, config.pools);
  const [sheet] = await settlement({ ...request, limit: PAGE, offset: 0 });
  if (sheet === undefined) throw new CommandFailure(`no block ${request.hash} was booked`);
  while (sheet.miners.length < sheet.minersTotal) {
    const [next] = await settlement({ ...request, limit: PAGE, offset: sheet.miners.length });
    if (next === undefined || next.miners.length === 0) break;
    sheet.miners.push(...next.miners);
  }
  return sheet;
};

const explainBlock = async (values: Values, [name, address, ...extra]: readonly string[]): Promise<void> => {
  if (name === undefined || extra.length > 0)
    throw usage('ledger: explain BLOCK [ADDRESS] [--coin C] [--json]');
  await withBooks(values, async (books) => {
    const ledger = createLedger(books.database.db);
    const { coin, hash } = theBlock(name, await ledger.findBlocks(name, values.coin));
    const sheet = await wholeSheet(books, ledger, {
      coin,
      hash,
      ...(address === undefined ? {} : { address }),
    });
    if (address !== undefined && sheet.minersTotal === 0)
      throw new CommandFailure(`${address} has no work in the window of ${coin} ${sheet.height}`);
    print(values.json === true ? JSON.stringify(sheet) : describeSettlement(sheet));
  });
};

/** Chains that name the same wallet are paid from the same coins. */
const walletsOf =
  ({ pools }: Config) =>
  ({ pool: id, coin }: PayoutChain): string | undefined => {
    const pool = pools.find((each) => each.id === id);
    const chain = [pool, ...(pool?.mergedChains ?? [])].find((each) => each?.coin.id === coin);
    const wallet = chain?.payouts?.wallet;
    return wallet === undefined
      ? undefined
      : [coin, wallet.url, wallet.name ?? '', wallet.keyFile ?? ''].join(' ');
  };

const checkAllWallets = async ({ config, database }: Books): Promise<readonly WalletCheck[]> => {
  const ledger = createLedger(database.db);
  const tasks = openWallets(config.pools);
  try {
    const outbox = createPayoutOutbox(database.db);
    return await checkWallets({ assets: () => ledger.assets(), outbox, walletOf: walletsOf(config), tasks });
  } finally {
    for (const { wallet } of tasks) wallet.close();
  }
};

const prove = async (values: Values, extra: readonly string[]): Promise<void> => {
  if (extra.length > 0) throw usage('ledger: prove [--json]');
  await withBooks(values, async (books) => {
    const proof = await createLedger(books.database.db).prove();
    const wallets = await checkAllWallets(books);
    const units = coinUnits(books.config);
    print(
      values.json === true
        ? toJson({ ...proof, ok: proof.ok && isProven(wallets), wallets })
        : [describeProof(proof, units), describeWallets(wallets, units)]
            .filter((text) => text !== '')
            .join('\n'),
    );
    if (!proof.ok) throw new CommandFailure('the books are not right');
    if (!isProven(wallets)) throw new CommandFailure('the books are not proven against the wallets');
  });
};

const ADJUST_USAGE = `ledger: adjust ACCOUNT AMOUNT --pool ID --coin C --reason TEXT [--address A]; ACCOUNT: one of ${ADJUSTABLE.join(', ')}`;

const adjustBooks = async (values: Values, [word, text, ...extra]: readonly string[]): Promise<void> => {
  const account = ADJUSTABLE.find((known) => known === word);
  const { pool, coin, reason, address = '' } = values;
  if (account === undefined || text === undefined || extra.length > 0) throw usage(ADJUST_USAGE);
  if (pool === undefined || coin === undefined || reason === undefined) throw usage(ADJUST_USAGE);
  await withBooks(values, async ({ config, database }) => {
    const unit = unitsOf(config)(pool, coin);
    if (unit === undefined) throw new CommandFailure(`pool ${pool} mines no ${coin} in this configuration`);
    const amountAtomic = parseAmount(text, unit.decimals);
    if (amountAtomic === undefined)
      throw usage(`ledger: ${text} is not an amount of ${unit.symbol}, which has ${unit.decimals} decimals`);
    const by = { actor: osUser(), reason };
    const target = { pool, coin, account, address, amountAtomic };
    const entry = await createLedger(database.db).adjust({ ...target, by, atMs: Date.now() });
    const amount = `${formatAmount(amountAtomic.toString(), unit.decimals)} ${unit.symbol}`;
    print(values.json === true ? toJson({ entry, ...target }) : `entry ${entry}: ${account} ${amount}`);
  });
};

const FUND_USAGE = 'ledger: fund AMOUNT --pool ID --reason TEXT; negative, behind --: take coins back';

/** Of the pool's own coin: others pay no shares. */
const fundBankroll = async (values: Values, [text, ...extra]: readonly string[]): Promise<void> => {
  const { pool, reason } = values;
  if (text === undefined || extra.length > 0 || pool === undefined || reason === undefined) {
    throw usage(FUND_USAGE);
  }
  await withBooks(values, async ({ config, database }) => {
    const unit = config.pools.find(({ id }) => id === pool)?.coin;
    if (unit === undefined) throw new CommandFailure(`there is no pool ${pool} in this configuration`);
    const amountAtomic = parseAmount(text, unit.decimals);
    if (amountAtomic === undefined || amountAtomic === 0n)
      throw usage(`ledger: ${text} is not an amount of ${unit.symbol}, which has ${unit.decimals} decimals`);
    const ledger = createLedger(database.db);
    const by = { actor: osUser(), reason };
    await ledger.fundBankroll({ pool, amountAtomic, by, atMs: Date.now() });
    const report = (await ledger.bankrolls()).find((each) => each.pool === pool);
    const balance = formatAmount((report?.balanceAtomic ?? 0n).toString(), unit.decimals);
    print(values.json === true ? toJson(report) : `bankroll of ${pool}: ${balance} ${unit.symbol}`);
  });
};

const exportAll = async (values: Values, extra: readonly string[]): Promise<void> => {
  if (extra.length > 0 || (values.csv === true && values.json === true))
    throw usage('ledger: export [--csv|--json] [--from TIME] [--to TIME]');
  const request = {
    format: values.json === true ? ('json' as const) : ('csv' as const),
    fromMs: parseTime(values.from, 'from'),
    toMs: parseTime(values.to, 'to'),
  };
  await withBooks(values, ({ config, database }) =>
    exportJournal(createLedger(database.db), request, unitsOf(config), process.stdout),
  );
};

const actions: Readonly<Record<string, (values: Values, rest: readonly string[]) => Promise<void>>> = {
  explain: explainBlock,
  prove,
  export: exportAll,
  adjust: adjustBooks,
  fund: fundBankroll,
  migrate: async (values) => print(await migrateBooks(values)),
};

export const ledgerCommand = async ([word = '', ...rest]: readonly string[]): Promise<void> => {
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (action === undefined) throw usage(`ledger: one of ${Object.keys(actions).join(', ')}`);
  const { values, positionals } = parse(rest);
  await action(values, positionals);
};
