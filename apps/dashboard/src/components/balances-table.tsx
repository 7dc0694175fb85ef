import type { BalanceSummary, PoolSummary } from '@otedama/contracts';

import { shortAddress } from '../format/text.ts';
import { Amount } from './amount.tsx';
import { CopyButton } from './copy-button.tsx';
import { Empty, Panel } from './panel.tsx';

interface RowProps {
  readonly balance: BalanceSummary;
}

function BalanceRow({ balance }: RowProps) {
  const { address, decimals, symbol, immatureAtomic, maturedAtomic } = balance;
  return (
    <tr data-testid="balance-row">
      <th scope="row" class="mono">
        <span title={address}>{shortAddress(address)}</span>
        <CopyButton text={address} label="address" />
      </th>
      <td class="num">
        <Amount atomic={immatureAtomic} decimals={decimals} symbol={symbol} />
      </td>
      <td class="num">
        <Amount atomic={maturedAtomic} decimals={decimals} symbol={symbol} />
      </td>
    </tr>
  );
}

interface BalancesTableProps {
  readonly balances: readonly BalanceSummary[];
  readonly pool: PoolSummary;
}

export function BalancesTable({ balances, pool }: BalancesTableProps) {
  return (
    <Panel title="Balances" aside={pool.symbol}>
      {balances.length === 0 ? (
        <Empty title="Nothing owed yet">Credits appear with the first accepted block.</Empty>
      ) : (
        <div class="table-scroll limited trim" tabIndex={0} role="region" aria-label="Balances table">
          <table data-testid="balances-table">
            <thead>
              <tr>
                <th scope="col">Address</th>
                <th scope="col" class="num">
                  Immature
                </th>
                <th scope="col" class="num">
                  Matured
                </th>
              </tr>
            </thead>
            <tbody>
              {balances.map((balance) => (
                <BalanceRow key={`${balance.address} ${balance.coin}`} balance={balance} />
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">Pool total</th>
                <td class="num" data-testid="total-immature">
                  <Amount atomic={pool.immatureAtomic} decimals={pool.decimals} />
                </td>
                <td class="num" data-testid="total-matured">
                  <Amount atomic={pool.maturedAtomic} decimals={pool.decimals} />
                </td>
              </tr>
            </tfoot>
          </table>
        </div>
      )}
    </Panel>
  );
}
