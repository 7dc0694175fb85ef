/** What pays miners by the share, pool by pool: how much is left, what it should be, and whether it still pays. */
import type { AuditEntrySummary, PoolSummary } from '@otedama/contracts';
import { useState } from 'preact/hooks';

import { ANY, type AuditPage, ENTRIES_A_PAGE, auditPath } from '../../api/audit.ts';
import { formatTimestamp } from '../../format/time.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { Amount } from '../amount.tsx';
import { Pager } from '../pager.tsx';
import { Empty, Known, Panel } from '../panel.tsx';
import { Pill } from '../pill.tsx';
import { Answered } from './answered.tsx';

type Bankroll = NonNullable<PoolSummary['bankroll']>;
type BankrollPool = PoolSummary & { readonly bankroll: Bankroll };

const hasBankroll = (pool: PoolSummary): pool is BankrollPool => pool.bankroll !== undefined;

function Breaker({ bankroll: { pays, sinceMs } }: { readonly bankroll: Bankroll }) {
  return (
    <div class="verdict" data-testid="bankroll-breaker" data-pays={pays}>
      <Pill tone={pays ? 'good' : 'bad'}>{pays ? 'Pays by the share' : 'Breaker open'}</Pill>
      <span>
        {pays
          ? 'Every accepted share is paid from the bankroll.'
          : 'What shares cost would take the balance below its floor: blocks pay their work until the reserve is there.'}
        {sinceMs !== undefined && ` So since ${formatTimestamp(sinceMs)}.`}
      </span>
    </div>
  );
}

function BankrollPanel({ pool }: { readonly pool: BankrollPool }) {
  const { bankroll, decimals, symbol } = pool;
  const amount = (atomic: string) => <Amount atomic={atomic} decimals={decimals} symbol={symbol} />;
  const facts: readonly (readonly [string, preact.ComponentChildren])[] = [
    ['Balance', amount(bankroll.balanceAtomic)],
    ['In blocks that have not matured', amount(bankroll.immatureAtomic)],
    ['Floor, where the breaker opens', amount(bankroll.floorAtomic)],
    [
      'Reserve, where it closes',
      bankroll.reserveAtomic === undefined ? 'none would be enough' : amount(bankroll.reserveAtomic),
    ],
  ];
  return (
    <Panel title={pool.id} aside={pool.scheme.toUpperCase()}>
      <Breaker bankroll={bankroll} />
      <dl class="facts" data-testid="bankroll-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

interface FundingRowProps extends FundingsProps {
  readonly event: AuditEntrySummary['event'];
}

function FundingRow({ event: { atMs, actor, target, details }, pools }: FundingRowProps) {
  const { coin, amountAtomic, reason } = details;
  const unit = pools.find((pool) => pool.coin === coin);
  return (
    <tr data-testid="funding-row">
      <td class="when">{formatTimestamp(atMs)}</td>
      <th scope="row" class="break">
        {actor.name}
      </th>
      <td class="break">
        {target}
        <span class="remark item-detail">{reason}</span>
      </td>
      <td class="num">
        {unit === undefined ? (
          `${String(amountAtomic)} atomic units of ${String(coin)}`
        ) : (
          <Amount atomic={String(amountAtomic)} decimals={unit.decimals} symbol={unit.symbol} />
        )}
      </td>
    </tr>
  );
}

interface FundingsProps {
  readonly pools: readonly PoolSummary[];
}

function FundingsTable({ entries, pools }: FundingsProps & { readonly entries: AuditPage['items'] }) {
  if (entries.length === 0) {
    return (
      <Empty title="Nothing was put in">
        On the machine, <code>./otedama ledger fund AMOUNT --pool ID --reason TEXT</code> does.
      </Empty>
    );
  }
  return (
    <div class="table-scroll trim" tabIndex={0} role="region" aria-label="Fundings table">
      <table data-testid="fundings-table">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">To what</th>
            <th scope="col" class="num">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ seq, event }) => (
            <FundingRow key={seq} event={event} pools={pools} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What `otedama ledger fund` put in, and who did: the audit log has it, and so admins alone. */
function Fundings({ pools }: FundingsProps) {
  const [offset, setOffset] = useState(0);
  const entries = useAnswer<AuditPage>(auditPath({ ...ANY, action: 'ledger.fund' }, offset));
  return (
    <Answered title="Put in or taken out, the newest first" asked={entries}>
      {({ items, more }) => (
        <>
          <FundingsTable entries={items} pools={pools} />
          <Pager offset={offset} size={ENTRIES_A_PAGE} more={more} onPage={setOffset} />
        </>
      )}
    </Answered>
  );
}

interface BankrollPageProps {
  /** Undefined: nobody has told yet. */
  readonly pools: readonly PoolSummary[] | undefined;
  readonly mayReadAudit: boolean;
}

export function BankrollPage({ pools, mayReadAudit }: BankrollPageProps) {
  const paying = pools?.filter(hasBankroll) ?? [];
  return (
    <Known title="Bankroll" list={pools}>
      {paying.map((pool) => (
        <BankrollPanel key={pool.id} pool={pool} />
      ))}
      {paying.length === 0 && (
        <Panel title="Bankroll">
          <Empty title="No pool pays by the share">
            Those of the schemes PPS and FPPS do, from a bankroll.
          </Empty>
        </Panel>
      )}
      {mayReadAudit && <Fundings pools={pools ?? []} />}
    </Known>
  );
}
