/** `otedama ledger explain`: the settlement sheet of a block, for people. */
import type { Settlement } from '@otedama/contracts';
import type { FoundBlock } from '@otedama/ledger';
import { CommandFailure } from '../failure.ts';
import { formatAmount } from '../format.ts';

/** The one block that is meant. */
export const theBlock = (name: string, found: readonly FoundBlock[]): FoundBlock => {
  const [block, ...others] = found;
  if (block === undefined) throw new CommandFailure(`no block ${name} was booked`);
  if (others.length === 0) return block;
  const list = found.map(({ coin, height, hash }) => `  ${coin} ${height} ${hash}`).join('\n');
  throw new CommandFailure(
    `several blocks are called ${name}; name one by its hash, or its coin by --coin:\n${list}`,
  );
};

const VERDICTS: Readonly<Record<Settlement['verdict'], string>> = {
  equal: 'worked out anew from the booked work: equal to what was booked',
  different: 'worked out anew from the booked work: DIFFERENT from what was booked',
  pruned: 'not worked out anew',
  not_credited: 'never credited',
};

const describeTerms = (terms: Settlement['terms']): string =>
  terms === undefined ? '-' : JSON.stringify(terms);

const describeWindow = (window: Settlement['window']): string[] => {
  if (window === undefined) return [];
  const { from, to, work, capacity, edge } = window;
  return [
    `window     entries ${from ?? '-'} to ${to} of the log of shares, work ${work}${capacity === undefined ? '' : ` of ${capacity}`}`,
    ...(edge === undefined
      ? []
      : [`           of entry ${edge.sequence} ${edge.workInside} of ${edge.work} is inside`]),
  ];
};

const describeEntry =
  (amount: (atomic: string) => string) =>
  ({ id, kind, atMs, reverses, postings }: Settlement['entries'][number]): string =>
    `  ${id}  ${new Date(atMs).toISOString()}  ${kind}${reverses === undefined ? '' : ` (takes back ${reverses})`}\n` +
    postings
      .map(({ account, amountAtomic }) => `      ${account.padEnd(28)} ${amount(amountAtomic)}`)
      .join('\n');

const describeMiner =
  (amount: (atomic: string) => string, totalWork: string) =>
  ({ address, work, cumulativeWork, amountAtomic, bookedAtomic }: Settlement['miners'][number]): string =>
    `  ${address}  work ${work}, up to ${cumulativeWork} of ${totalWork}: ${amount(amountAtomic)}` +
    (amountAtomic === bookedAtomic ? '' : `  BOOKED ${amount(bookedAtomic)}`);

export const describeSettlement = (sheet: Settlement): string => {
  const amount = (atomic: string): string => `${formatAmount(atomic, sheet.decimals)} ${sheet.symbol}`;
  return [
    `block      ${sheet.coin} ${sheet.height} ${sheet.hash}`,
    `           ${sheet.state}, ${sheet.confirmations} confirmations, found ${new Date(sheet.foundAtMs).toISOString()} by ${sheet.finder} in ${sheet.poolId}`,
    `effort     ${sheet.effort === undefined ? '-' : `${(100 * sheet.effort).toFixed(1)} %`} (work ${sheet.roundWork ?? '-'} of ${sheet.networkWork})`,
    `terms      ${describeTerms(sheet.terms)}`,
    ...describeWindow(sheet.window),
    `reward     ${amount(sheet.rewardAtomic)}`,
    `fee        ${amount(sheet.feeAtomic)}`,
    ...sheet.splits.map(({ address, amountAtomic }) => `split      ${amount(amountAtomic)} to ${address}`),
    ...(sheet.bankrollAtomic === '0'
      ? []
      : [`bankroll   ${amount(sheet.bankrollAtomic)} for work paid by the share`]),
    `divided    ${amount(sheet.dividedAtomic)}`,
    `remainder  ${amount(sheet.remainderAtomic)}`,
    `verdict    ${VERDICTS[sheet.verdict]}${sheet.isTakenBack ? '; taken back since' : ''}`,
    ...sheet.remarks.map((remark) => `           ${remark}`),
    `miners     ${sheet.minersTotal}; each gets floor(A * upto / W) less what those before it got, A = divided, W = ${sheet.totalWork}`,
    ...sheet.miners.map(describeMiner(amount, sheet.totalWork)),
    'entries',
    ...sheet.entries.map(describeEntry(amount)),
  ].join('\n');
};
