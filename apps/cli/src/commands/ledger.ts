/** `otedama ledger`: the books, explained, proved and given out. */
import { parseArgs } from 'node:util';
import { createSettlementQuery } from '@otedama/app-pool-accounting';
import type { Config } from '@otedama/config';
import type { Settlement } from '@otedama/contracts';
import { createLedger, type Ledger, type Proof } from '@otedama/ledger';
import { type Books, booksOptions, withBooks } from '../books.ts';
import { CommandFailure, usage } from '../failure.ts';
import { describeSettlement, theBlock } from '../ledger/explain.ts';
import { exportJournal, parseTime, type UnitOf } from '../ledger/export.ts';
import { type CoinUnit, describeProof } from '../ledger/prove.ts';

const options = {
  ...booksOptions,
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  from: { type: 'string' },
  to: { type: 'string' },
  coin: { type: 'string' },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });
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
const proofJson = (proof: Proof): string =>
  JSON.stringify(proof, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

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

const prove = async (values: Values, extra: readonly string[]): Promise<void> => {
  if (extra.length > 0) throw usage('ledger: prove [--json]');
  await withBooks(values, async ({ config, database }) => {
    const proof = await createLedger(database.db).prove();
    print(values.json === true ? proofJson(proof) : describeProof(proof, coinUnits(config)));
    if (!proof.ok) throw new CommandFailure('the books are not right');
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
};

export const ledgerCommand = async ([word = '', ...rest]: readonly string[]): Promise<void> => {
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (action === undefined) throw usage(`ledger: one of ${Object.keys(actions).join(', ')}`);
  const { values, positionals } = parse(rest);
  await action(values, positionals);
};
