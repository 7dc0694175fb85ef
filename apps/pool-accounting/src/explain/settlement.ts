/** The settlement sheet of the ledger as it travels: amounts and work as decimal text, with the coin's unit. */
import type { Settlement } from '@otedama/contracts';
import type { SettlementSheet, SheetEntry, SheetLine, SheetWindow } from '@otedama/ledger';
import { type Pools, unitOf } from '../units.ts';

const optional = <Name extends string>(name: Name, value: bigint | undefined) =>
  (value === undefined ? {} : { [name]: value.toString() }) as { readonly [Key in Name]?: string };

const windowOf = ({ from, to, work, capacity, ranges, edge }: SheetWindow): Settlement['window'] => ({
  ...optional('from', from),
  to: to.toString(),
  work: work.toString(),
  ...optional('capacity', capacity),
  ...(ranges === undefined
    ? {}
    : { ranges: ranges.map((range) => ({ from: range.from.toString(), to: range.to.toString() })) }),
  ...(edge === undefined
    ? {}
    : {
        edge: {
          sequence: edge.sequence.toString(),
          work: edge.work.toString(),
          workInside: edge.workInside.toString(),
        },
      }),
});

const entryOf = ({ id, kind, atMs, reverses, postings }: SheetEntry): Settlement['entries'][number] => ({
  id: id.toString(),
  kind,
  atMs,
  ...optional('reverses', reverses),
  postings: postings.map(({ kind: account, amountAtomic }) => ({
    account,
    amountAtomic: amountAtomic.toString(),
  })),
});

const lineOf = (line: SheetLine): Settlement['miners'][number] => ({
  address: line.address,
  work: line.work.toString(),
  cumulativeWork: line.cumulativeWork.toString(),
  cumulativeAtomic: line.cumulativeAtomic.toString(),
  amountAtomic: line.amountAtomic.toString(),
  bookedAtomic: line.bookedAtomic.toString(),
});

const blockOf = ({ block }: SettlementSheet) => ({
  height: block.height,
  hash: block.hash,
  prevHash: block.prevHash,
  coinbaseTxid: block.coinbaseTxid,
  state: block.state,
  confirmations: block.confirmations,
  foundAtMs: block.foundAtMs,
  finder: block.finderWorker === '' ? block.finderAddress : `${block.finderAddress}.${block.finderWorker}`,
  rewardAtomic: block.rewardAtomic.toString(),
  networkWork: block.networkWork.toString(),
  ...optional('roundWork', block.roundWork),
  ...(block.effort === undefined ? {} : { effort: block.effort }),
});

export const settlementOf = (pools: Pools, sheet: SettlementSheet): Settlement => ({
  poolId: sheet.block.poolId,
  ...unitOf(pools, sheet.block.poolId, sheet.block.coin),
  ...blockOf(sheet),
  ...(sheet.storedTerms === undefined ? {} : { terms: sheet.storedTerms }),
  ...(sheet.window === undefined ? {} : { window: windowOf(sheet.window) }),
  feeAtomic: sheet.feeAtomic.toString(),
  splits: sheet.splits.map(({ account, amountAtomic }) => ({
    address: account,
    amountAtomic: amountAtomic.toString(),
  })),
  bankrollAtomic: sheet.bankrollAtomic.toString(),
  dividedAtomic: sheet.dividedAtomic.toString(),
  remainderAtomic: sheet.remainderAtomic.toString(),
  totalWork: sheet.totalWork.toString(),
  verdict: sheet.verdict,
  remarks: [...sheet.remarks],
  ...optional('creditedBy', sheet.creditedBy),
  isTakenBack: sheet.isTakenBack,
  entries: sheet.entries.map(entryOf),
  miners: sheet.miners.map(lineOf),
  minersTotal: sheet.minersTotal,
});
