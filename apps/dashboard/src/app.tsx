/** The page: one pool at a time, from what the live feed last said. */
import type { MiningStatus, PoolSummary } from '@otedama/contracts';
import { useMemo } from 'preact/hooks';
import type { BlockName } from './api/settlement.ts';

import { type AccountControl, useAccount } from './components/account.tsx';
import { BalancesTable } from './components/balances-table.tsx';
import { Banner } from './components/banner.tsx';
import { BlocksTable } from './components/blocks-table.tsx';
import { HashrateChart } from './components/hashrate-chart.tsx';
import { Header } from './components/header.tsx';
import { MinerCard } from './components/miner-card.tsx';
import { DaemonPanel, GatewayPanel } from './components/node-panel.tsx';
import { OperatorPage } from './components/operator/operator-page.tsx';
import { PagesNav } from './components/operator/pages-nav.tsx';
import { Empty, Known } from './components/panel.tsx';
import {
  BlocksCard,
  NetworkCard,
  PoolHashrateCard,
  SharesCard,
  WorkersCard,
} from './components/pool-cards.tsx';
import { PoolTabs } from './components/pool-tabs.tsx';
import { SettlementPage } from './components/settlement-page.tsx';
import { WorkersTable } from './components/workers-table.tsx';
import type { ConnectionState } from './live/connection.ts';
import type { PageId } from './state/page.ts';
import { type View, balancesOf, blocksOf, chartColumns, selectPool, workersOf } from './state/view.ts';

export interface AppProps {
  readonly view: View;
  readonly connection: ConnectionState;
  readonly chosenPool: string | undefined;
  /** Whose settlement is shown in the place of the pool. */
  readonly block: BlockName | undefined;
  /** Of those who run the pool, in its place likewise. */
  readonly page: PageId | undefined;
  readonly onSelectPool: (poolId: string) => void;
  readonly onMining: (mining: MiningStatus) => void;
  readonly onRetry: () => void;
}

interface PoolPageProps {
  readonly view: View;
  readonly pool: PoolSummary;
}

function PoolPanels({ view, pool }: PoolPageProps) {
  const points = view.pools[pool.id];
  const columns = useMemo(() => chartColumns(points), [points?.points, pool.id]);
  const workers = workersOf(view, pool.id);
  const balances = balancesOf(view, pool.id);
  const chain = view.status?.validator.pools.find(({ poolId }) => poolId === pool.id);
  return (
    <div class="columns">
      <div class="column">
        <HashrateChart key={pool.id} columns={columns} nowMs={view.nowMs} />
        <Known title="Blocks" list={view.blocks}>
          <BlocksTable blocks={blocksOf(view, pool.id)} nowMs={view.nowMs} />
        </Known>
        <Known title="Workers" list={workers}>
          <WorkersTable workers={workers ?? []} nowMs={view.nowMs} />
        </Known>
      </div>
      <div class="column">
        {view.status !== undefined && <GatewayPanel gateway={view.status.gateway} poolId={pool.id} />}
        <DaemonPanel chain={chain} />
        <Known title="Balances" list={balances}>
          <BalancesTable balances={balances ?? []} pool={pool} />
        </Known>
      </div>
    </div>
  );
}

function PoolCards({ view, pool }: PoolPageProps) {
  const sessions = view.status?.gateway.pools.find(({ poolId }) => poolId === pool.id)?.sessions;
  return (
    <>
      <WorkersCard pool={pool} sessions={sessions} />
      <SharesCard pool={pool} />
      <BlocksCard pool={pool} blocks={blocksOf(view, pool.id)} />
      <NetworkCard pool={pool} />
    </>
  );
}

function Waiting({ connection }: { readonly connection: ConnectionState }) {
  return (
    <div class="panel">
      <Empty title={connection.kind === 'live' ? 'No pool is configured' : 'Waiting for the first figures'}>
        {connection.kind === 'live'
          ? 'Pools appear here once the ledger knows them.'
          : 'The page connects to the API by itself.'}
      </Empty>
    </div>
  );
}

interface PoolPlaceProps extends Pick<
  AppProps,
  'view' | 'connection' | 'block' | 'onSelectPool' | 'onMining'
> {
  readonly pool: PoolSummary | undefined;
  readonly account: AccountControl;
}

/** The pool, or the settlement of one of its blocks. */
function PoolPlace({ view, connection, pool, block, account, onSelectPool, onMining }: PoolPlaceProps) {
  const { status } = view;
  return (
    <>
      {pool !== undefined && status !== undefined && (
        <PoolTabs pools={status.pools} selected={pool.id} onSelect={onSelectPool} />
      )}
      {block !== undefined && <SettlementPage key={`${block.coin}/${block.hash}`} block={block} />}
      {block === undefined && status !== undefined && (
        <div class="cards">
          {pool !== undefined && <PoolHashrateCard pool={pool} />}
          <MinerCard
            mining={status.mining}
            isConnected={connection.kind === 'live'}
            onMining={onMining}
            account={account}
          />
          {pool !== undefined && <PoolCards view={view} pool={pool} />}
        </div>
      )}
      {block === undefined &&
        (pool === undefined ? <Waiting connection={connection} /> : <PoolPanels view={view} pool={pool} />)}
    </>
  );
}

export function App({ page, onRetry, chosenPool, ...place }: AppProps) {
  const { view, connection } = place;
  const { status } = view;
  const account = useAccount(connection.kind === 'live');
  return (
    <>
      <Header status={status} connection={connection} account={account} />
      <Banner
        connection={connection}
        hasData={status !== undefined}
        unavailable={status?.unavailable ?? []}
        onRetry={onRetry}
      />
      <PagesNav who={account.who} page={page} />
      <main class={connection.kind === 'live' ? undefined : 'is-stale'}>
        {page === undefined ? (
          <PoolPlace {...place} pool={selectPool(view, chosenPool)} account={account} />
        ) : (
          <OperatorPage page={page} who={account.who} pools={status?.pools} />
        )}
      </main>
    </>
  );
}
