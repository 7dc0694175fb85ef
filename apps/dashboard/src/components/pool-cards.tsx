import type { BlockSummary, PoolSummary } from '@otedama/contracts';

import { hashrateParts } from '../format/hashrate.ts';
import { formatCount, formatDifficulty, formatEffort, formatShare } from '../format/number.ts';
import { plural } from '../format/text.ts';
import { meanEffort } from '../state/view.ts';
import { Card, Fact } from './card.tsx';

interface PoolCardProps {
  readonly pool: PoolSummary;
}

export function PoolHashrateCard({ pool }: PoolCardProps) {
  const { value, unit } = hashrateParts(pool.hashrateHs);
  return (
    <Card label="Pool hash rate" value={value} unit={unit} testId="pool-hashrate">
      <Fact label={plural(pool.miners, 'miner')} testId="miners">
        {formatCount(pool.miners)}
      </Fact>
    </Card>
  );
}

interface WorkersCardProps {
  readonly pool: PoolSummary;
  readonly sessions: number | undefined;
}

export function WorkersCard({ pool, sessions }: WorkersCardProps) {
  return (
    <Card label="Workers online" value={formatCount(pool.workers)} testId="workers-online">
      {sessions !== undefined && (
        <Fact label={plural(sessions, 'connection')} testId="sessions">
          {formatCount(sessions)}
        </Fact>
      )}
    </Card>
  );
}

export function SharesCard({ pool }: PoolCardProps) {
  const { accepted, rejected } = pool.shares;
  return (
    <Card label="Shares accepted" value={formatCount(accepted)} testId="shares-accepted">
      <Fact label="rejected" testId="shares-rejected">
        {formatCount(rejected)}
      </Fact>
      <span class="fact">{formatShare(rejected, accepted + rejected)}</span>
    </Card>
  );
}

interface BlocksCardProps {
  readonly pool: PoolSummary;
  readonly blocks: readonly BlockSummary[];
}

export function BlocksCard({ pool, blocks }: BlocksCardProps) {
  const { accepted, matured, orphaned } = pool.blocks;
  const effort = meanEffort(blocks.filter(({ coin }) => coin === pool.coin));
  return (
    <Card
      label="Blocks accepted"
      value={formatCount(accepted)}
      testId="blocks-accepted"
      aside={
        effort !== undefined && (
          <span class="aside" title="Mean work spent on a block, 100 % is what chance expects">
            effort <span data-testid="mean-effort">{formatEffort(effort)}</span>
          </span>
        )
      }
    >
      <Fact label="matured" testId="blocks-matured">
        {formatCount(matured)}
      </Fact>
      <Fact label="orphaned" testId="blocks-orphaned">
        {formatCount(orphaned)}
      </Fact>
    </Card>
  );
}

export function NetworkCard({ pool }: PoolCardProps) {
  return (
    <Card
      label="Network height"
      value={pool.height === undefined ? '–' : formatCount(pool.height)}
      testId="network-height"
    >
      <span class="fact">
        difficulty{' '}
        <span data-testid="network-difficulty">
          {pool.networkDifficulty === undefined ? '–' : formatDifficulty(pool.networkDifficulty)}
        </span>
      </span>
    </Card>
  );
}
