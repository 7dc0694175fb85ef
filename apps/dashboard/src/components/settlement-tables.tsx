/** The two lists of a settlement sheet: who got what and how it came about, and what was posted. */
import type { Settlement } from '@otedama/contracts';
import { formatTimestamp } from '../format/time.ts';
import { Amount } from './amount.tsx';
import { Empty } from './panel.tsx';

interface SheetProps {
  readonly sheet: Settlement;
}

function MinerRow({ miner, sheet }: SheetProps & { miner: Settlement['miners'][number] }) {
  const { decimals } = sheet;
  const isSame = miner.amountAtomic === miner.bookedAtomic;
  return (
    <tr data-testid="settlement-miner">
      <th scope="row" class="mono">
        {miner.address}
      </th>
      <td class="num">{miner.work}</td>
      <td class="num wide">{miner.cumulativeWork}</td>
      <td class="num wide">
        <Amount atomic={miner.cumulativeAtomic} decimals={decimals} />
      </td>
      <td class="num">
        <Amount atomic={miner.amountAtomic} decimals={decimals} />
      </td>
      <td class={`num ${isSame ? 'faint' : 'wrong'}`}>
        {isSame ? 'the same' : <Amount atomic={miner.bookedAtomic} decimals={decimals} />}
      </td>
    </tr>
  );
}

export function SettlementMiners({ sheet }: SheetProps) {
  if (sheet.miners.length === 0) return <Empty title="Nobody was credited" />;
  return (
    <>
      <p class="how">
        In this order: after each miner <em>divided × work so far ÷ all work</em>, cut to whole units, has
        been given out; each gets what that is more than before. All work is {sheet.totalWork}.
      </p>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Miners table">
        <table>
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col" class="num">
                Work
              </th>
              <th scope="col" class="num wide">
                Work so far
              </th>
              <th scope="col" class="num wide">
                Given out so far
              </th>
              <th scope="col" class="num">
                Amount
              </th>
              <th scope="col" class="num">
                Booked
              </th>
            </tr>
          </thead>
          <tbody>
            {sheet.miners.map((miner) => (
              <MinerRow key={miner.address} miner={miner} sheet={sheet} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function SettlementEntries({ sheet }: SheetProps) {
  if (sheet.entries.length === 0) return <Empty title="Nothing was posted" />;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Entries table">
      <table>
        <thead>
          <tr>
            <th scope="col" class="num">
              Entry
            </th>
            <th scope="col">What</th>
            <th scope="col">When</th>
            <th scope="col">Account</th>
            <th scope="col" class="num">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {sheet.entries.flatMap((entry) =>
            entry.postings.map((posting, i) => (
              <tr key={`${entry.id} ${posting.account}`}>
                <td class="num">{i === 0 ? entry.id : ''}</td>
                <td>
                  {i === 0 && entry.kind}
                  {i === 0 && entry.reverses !== undefined && (
                    <span class="faint"> takes back {entry.reverses}</span>
                  )}
                </td>
                <td>{i === 0 ? formatTimestamp(entry.atMs) : ''}</td>
                <td>{posting.account}</td>
                <td class="num">
                  <Amount atomic={posting.amountAtomic} decimals={sheet.decimals} symbol={sheet.symbol} />
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
