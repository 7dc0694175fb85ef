import type { PoolSummary } from '@otedama/contracts';

interface PoolTabsProps {
  readonly pools: readonly PoolSummary[];
  readonly selected: string;
  readonly onSelect: (poolId: string) => void;
}

const percent = (basisPoints: number): string => `${basisPoints / 100} %`;

const factsOf = (pool: PoolSummary): string[] => [
  `${pool.coin} ${pool.network}`,
  pool.algorithm,
  pool.scheme.toUpperCase(),
  `fee ${percent(pool.feeBasisPoints)}`,
];

/** Which pool the page is about, and what kind of pool it is. */
export function PoolTabs({ pools, selected, onSelect }: PoolTabsProps) {
  const pool = pools.find(({ id }) => id === selected);
  return (
    <nav class="pools" aria-label="Pools">
      {pools.map(({ id }) => (
        <button
          key={id}
          type="button"
          class="pool-tab"
          data-testid="pool-tab"
          aria-current={id === selected ? 'true' : undefined}
          onClick={() => onSelect(id)}
        >
          {id}
        </button>
      ))}
      {pool !== undefined && (
        <ul class="pool-facts" data-testid="pool-facts">
          {factsOf(pool).map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      )}
    </nav>
  );
}
