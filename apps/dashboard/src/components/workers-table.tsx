import type { WorkerSummary } from '@otedama/contracts';

import { formatHashrate } from '../format/hashrate.ts';
import { formatCount } from '../format/number.ts';
import { shortAddress } from '../format/text.ts';
import { formatAge, formatTimestamp } from '../format/time.ts';
import { Empty, Panel } from './panel.tsx';
import { Pill } from './pill.tsx';

interface RowProps {
  readonly worker: WorkerSummary;
  readonly nowMs: number;
}

function WorkerRow({ worker, nowMs }: RowProps) {
  const { lastShareAtMs } = worker;
  return (
    <tr data-testid="worker-row" class={worker.online ? undefined : 'is-off'}>
      <th scope="row">
        {worker.worker === '' ? (
          <span class="faint">unnamed</span>
        ) : (
          <span class="name">{worker.worker}</span>
        )}
      </th>
      <td class="mono wide" title={worker.address}>
        {shortAddress(worker.address)}
      </td>
      <td>
        <Pill tone={worker.online ? 'good' : 'quiet'}>{worker.online ? 'Online' : 'Offline'}</Pill>
      </td>
      <td class="num">{formatHashrate(worker.hashrateHs)}</td>
      <td class="num wide">{formatCount(worker.shares.accepted)}</td>
      <td class="num wide">{formatCount(worker.shares.rejected)}</td>
      <td class="num" title={lastShareAtMs === undefined ? undefined : formatTimestamp(lastShareAtMs)}>
        {lastShareAtMs === undefined ? '–' : formatAge(lastShareAtMs, nowMs)}
      </td>
    </tr>
  );
}

interface WorkersTableProps {
  readonly workers: readonly WorkerSummary[];
  readonly nowMs: number;
}

export function WorkersTable({ workers, nowMs }: WorkersTableProps) {
  const online = workers.filter((worker) => worker.online).length;
  return (
    <Panel title="Workers" aside={workers.length > 0 && `${online} of ${workers.length} online`}>
      {workers.length === 0 ? (
        <Empty title="No workers yet">Point a miner at the address under “Connect a miner”.</Empty>
      ) : (
        <div class="table-scroll limited" tabIndex={0} role="region" aria-label="Workers table">
          <table data-testid="workers-table">
            <thead>
              <tr>
                <th scope="col">Worker</th>
                <th scope="col" class="wide">
                  Address
                </th>
                <th scope="col">State</th>
                <th scope="col" class="num">
                  Hash rate
                </th>
                <th scope="col" class="num wide">
                  Accepted
                </th>
                <th scope="col" class="num wide">
                  Rejected
                </th>
                <th scope="col" class="num">
                  Last share
                </th>
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <WorkerRow key={`${worker.address}.${worker.worker}`} worker={worker} nowMs={nowMs} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
