/** Who is kept out of the ports for miners, and keeping out and letting in by hand. */
import { useState } from 'preact/hooks';

import { BANS_A_PAGE, type Ban, type BanPage, bansPath, removeBan, subjectOf } from '../../api/bans.ts';
import { formatTimestamp } from '../../format/time.ts';
import { type Changes, useAnswer, useChanges } from '../../state/use-answer.ts';
import { Pager } from '../pager.tsx';
import { Empty } from '../panel.tsx';
import { Answered } from './answered.tsx';
import { BanForm } from './ban-form.tsx';
import { OutcomeLine } from './outcome.tsx';

const REASONS: Readonly<Record<Ban['reason'], string>> = {
  operator: 'By hand',
  'invalid-shares': 'Invalid shares',
};

interface RowProps {
  readonly ban: Ban;
  /** Absent: whoever looks may change nothing. */
  readonly changes: Changes | undefined;
}

function BanRow({ ban, changes }: RowProps) {
  const who = subjectOf(ban);
  return (
    <tr data-testid="ban-row">
      <th scope="row" class="mono break">
        {who}
      </th>
      <td class="break">
        {REASONS[ban.reason]}
        {ban.note !== '' && <span class="remark item-detail">{ban.note}</span>}
      </td>
      <td class="when">{ban.untilMs === undefined ? 'it is removed' : formatTimestamp(ban.untilMs)}</td>
      <td class="wide">{formatTimestamp(ban.sinceMs)}</td>
      <td class="wide">{ban.by}</td>
      {changes !== undefined && (
        <td class="num">
          <button
            type="button"
            class="button small"
            disabled={changes.isBusy}
            aria-label={`Let in ${who}`}
            onClick={() =>
              changes.make(
                () => removeBan(ban),
                () => `${who} is let in again.`,
              )
            }
          >
            Let in
          </button>
        </td>
      )}
    </tr>
  );
}

interface TableProps {
  readonly bans: readonly Ban[];
  /** There are pages before this one. */
  readonly isLater: boolean;
  readonly changes: Changes | undefined;
}

function BansTable({ bans, isLater, changes }: TableProps) {
  if (bans.length === 0) {
    return (
      <Empty title={isLater ? 'Nobody else is kept out' : 'Nobody is kept out'}>
        Whoever sends mostly invalid shares comes here by itself.
      </Empty>
    );
  }
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Bans table">
      <table data-testid="bans-table">
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Why</th>
            <th scope="col">Until</th>
            <th scope="col" class="wide">
              Since
            </th>
            <th scope="col" class="wide">
              By
            </th>
            {changes !== undefined && <td />}
          </tr>
        </thead>
        <tbody>
          {bans.map((ban) => (
            <BanRow key={ban.id} ban={ban} changes={changes} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface BansPageProps {
  readonly mayChange: boolean;
  /** Ids of the pools. */
  readonly pools: readonly string[];
}

export function BansPage({ mayChange, pools }: BansPageProps) {
  const [offset, setOffset] = useState(0);
  const bans = useAnswer<BanPage>(bansPath(offset));
  const changes = useChanges(bans.reload);
  return (
    <>
      {mayChange && <BanForm pools={pools} changes={changes} />}
      <OutcomeLine outcome={changes.outcome} />
      <Answered title="Kept out of the ports for miners" asked={bans}>
        {({ items, more }) => (
          <>
            <BansTable bans={items} isLater={offset > 0} changes={mayChange ? changes : undefined} />
            <Pager offset={offset} size={BANS_A_PAGE} more={more} onPage={setOffset} />
          </>
        )}
      </Answered>
    </>
  );
}
