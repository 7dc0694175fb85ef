/** Payments to miners, with what the chain says of each. */
import type { PoolConfig } from '@otedama/config';
import type { Payment, PaymentsRequest } from '@otedama/contracts';
import type { Ledger, PaymentPlace, PaymentReport } from '@otedama/ledger';
import { type Pools, shown, unitOf } from '../units.ts';

export interface PaymentQueries {
  payments(request: PaymentsRequest): Promise<Payment[]>;
}

const KINDS = ['coinbase', 'payout'] as const;

const cursorOf = ({ atMs, kind, ofId, ordinal }: PaymentPlace): string =>
  `${atMs}-${KINDS.indexOf(kind)}-${ofId}-${ordinal}`;

/** Of a text that has the form of one. */
const placeOf = (cursor: string): PaymentPlace => {
  const [atMs, kind, ofId = '0', ordinal] = cursor.split('-');
  return {
    atMs: Number(atMs),
    kind: kind === '0' ? 'coinbase' : 'payout',
    ofId: BigInt(ofId),
    ordinal: Number(ordinal),
  };
};

const wayOf = (report: PaymentReport): Pick<Payment, 'batch' | 'block' | 'transactions'> => {
  if (report.kind === 'payout') {
    return { batch: report.ofId.toString(), transactions: [...report.transactions] };
  }
  const { height, hash, state, confirmations, coinbaseTxid: txid } = report;
  const standing = state === 'immature' || state === 'matured' ? 'confirmed' : 'conflicted';
  return { block: { height, hash }, transactions: [{ txid, standing, confirmations }] };
};

const paymentOf = (pools: Pools, report: PaymentReport): Payment => ({
  cursor: cursorOf(report),
  kind: report.kind,
  poolId: report.poolId,
  ...unitOf(pools, report.poolId, report.coin),
  address: report.address,
  amountAtomic: report.amountAtomic.toString(),
  feeAtomic: report.feeAtomic.toString(),
  state: report.state,
  atMs: report.atMs,
  ...wayOf(report),
});

export const createPaymentQueries = (
  { ledger }: { readonly ledger: Pick<Ledger, 'payments'> },
  configs: readonly PoolConfig[],
): PaymentQueries => {
  const pools: Pools = new Map(configs.map((config) => [config.id, config]));
  return {
    async payments({ poolId, address, after, limit }) {
      const filter = {
        pools: shown(pools, poolId),
        address,
        after: after === undefined ? undefined : placeOf(after),
      };
      return (await ledger.payments(filter, limit)).map((report) => paymentOf(pools, report));
    },
  };
};
