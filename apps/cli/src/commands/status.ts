/** `otedama status`: asks a running otedama through its API; its address is in the run file of the data directory. */
import { parseArgs } from 'node:util';
import { type Status, statusSchema } from '@otedama/contracts';
import { CommandFailure, usage } from '../failure.ts';
import { formatAmount, formatDuration, formatHashrate } from '../format.ts';
import { defaultDataDir, readRunFile } from '../run-file.ts';

const ANSWER_TIMEOUT_MS = 5_000;

const fetchStatus = async (api: string): Promise<Status> => {
  let response: Response;
  try {
    response = await fetch(new URL('/api/status', api), { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  } catch (cause) {
    throw new CommandFailure(`no otedama answers at ${api}. Start one with './otedama up'.`, 1, { cause });
  }
  if (!response.ok)
    throw new CommandFailure(`${api} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  const parsed = statusSchema.safeParse(await response.json());
  if (!parsed.success)
    throw new CommandFailure(`${api} answered something that is not a status of this version`);
  return parsed.data;
};

const PAYEES = {
  current: '',
  old: '; the books tell no new payees: the last ones are paid on',
  none: '; no payees are known: the pool takes all, and owes it',
} as const;

/** Of a pool whose coinbases pay its miners: what is owed beside is carried, and paid by later ones. */
const describePayout = (
  { validator }: Status,
  { id, decimals, symbol }: Status['pools'][number],
): readonly string[] => {
  const payout = validator.pools.find(({ poolId }) => poolId === id)?.coinbasePayout;
  if (payout === undefined) return [];
  const { outputs, paidAtomic, payees } = payout;
  return [`  job    pays ${outputs} miners ${formatAmount(paidAtomic, decimals)} ${symbol}${PAYEES[payees]}`];
};

const describe = (status: Status): string => {
  const lines = [
    `otedama ${status.version}, up ${formatDuration(status.uptimeSeconds)}`,
    `mining   ${status.mining.state}  ${formatHashrate(status.mining.hashrateHs)}${status.mining.reason === undefined ? '' : `  (${status.mining.reason})`}`,
  ];
  for (const pool of status.pools) {
    const amount = (atomic: string): string => `${formatAmount(atomic, pool.decimals)} ${pool.symbol}`;
    lines.push(
      `pool     ${pool.id}  ${formatHashrate(pool.hashrateHs)}  ${pool.workers} workers  height ${pool.height ?? '-'}`,
      `  shares ${pool.shares.accepted} accepted, ${pool.shares.rejected} rejected`,
      `  blocks ${pool.blocks.accepted} accepted, ${pool.blocks.matured} matured, ${pool.blocks.orphaned} orphaned`,
      `  owed   ${amount(pool.maturedAtomic)} matured, ${amount(pool.immatureAtomic)} immature`,
      ...describePayout(status, pool),
    );
  }
  return lines.join('\n');
};

export const statusCommand = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, api: { type: 'string' }, 'data-dir': { type: 'string' } },
  });
  if (values.api !== undefined && !URL.canParse(values.api))
    throw usage(`status: ${values.api} is not a URL such as http://127.0.0.1:8080`);
  const api =
    values.api ?? readRunFile(values['data-dir'] ?? defaultDataDir())?.api ?? 'http://127.0.0.1:8080';
  const status = await fetchStatus(api);
  process.stdout.write(`${values.json === true ? JSON.stringify(status) : describe(status)}\n`);
};
