import type { BlockSummary } from '@otedama/contracts';
import { blockHash } from '../api/settlement.ts';

import { formatCount, formatEffort } from '../format/number.ts';
import { shortHash, shorten } from '../format/text.ts';
import { formatAge, formatTimestamp } from '../format/time.ts';
import { Amount } from './amount.tsx';
import { CopyButton } from './copy-button.tsx';
import { Empty, Panel } from './panel.tsx';
import { Pill, type Tone } from './pill.tsx';

const STATES: Record<BlockSummary['state'], { tone: Tone; text: string }> = {
  immature: { tone: 'busy', text: 'Immature' },
  matured: { tone: 'good', text: 'Matured' },
  orphaned: { tone: 'warn', text: 'Orphaned' },
  rejected: { tone: 'bad', text: 'Rejected' },
};

function Confirmations({ block }: { readonly block: BlockSummary }) {
  const { confirmations, requiredConfirmations, state } = block;
  if (state === 'orphaned' || state === 'rejected') return <span class="faint">–</span>;
  if (state === 'matured') return <>{formatCount(confirmations)}</>;
  return (
    <span class="progress">
      <progress value={confirmations} max={requiredConfirmations} aria-label="Confirmations" />
      <span>
        {formatCount(confirmations)}
        <span class="faint">/{formatCount(requiredConfirmations)}</span>
      </span>
    </span>
  );
}

/** Of `address.worker` the worker says who it was; without one, the address. */
function finderName(finder: string): string {
  const dot = finder.indexOf('.');
  return dot === -1 || dot === finder.length - 1 ? shorten(finder, 8, 6) : finder.slice(dot + 1);
}

interface RowProps {
  readonly block: BlockSummary;
  readonly nowMs: number;
}

function BlockRow({ block, nowMs }: RowProps) {
  const { tone, text } = STATES[block.state];
  const isVoid = block.state === 'orphaned' || block.state === 'rejected';
  return (
    <tr data-testid="block-row" data-state={block.state} class={isVoid ? 'is-off' : undefined}>
      <th scope="row" class="num">
        <a href={blockHash(block)} title="How its reward was divided" data-testid="block-link">
          {formatCount(block.height)}
        </a>
      </th>
      <td class="mono wide">
        <span title={block.hash}>{shortHash(block.hash)}</span>
        <CopyButton text={block.hash} label={`hash of block ${block.height}`} />
      </td>
      <td>
        <Pill tone={tone}>{text}</Pill>
      </td>
      <td class="num">
        <Confirmations block={block} />
      </td>
      <td class={`num ${isVoid ? 'struck' : ''}`}>
        <Amount atomic={block.rewardAtomic} decimals={block.decimals} symbol={block.symbol} />
      </td>
      <td class="wide" title={block.finder}>
        {finderName(block.finder)}
      </td>
      <td class="num wide">{block.effort === undefined ? '–' : formatEffort(block.effort)}</td>
      <td class="num" title={formatTimestamp(block.foundAtMs)}>
        {formatAge(block.foundAtMs, nowMs)}
      </td>
    </tr>
  );
}

function Heads() {
  return (
    <tr>
      <th scope="col" class="num">
        Height
      </th>
      <th scope="col" class="wide">
        Hash
      </th>
      <th scope="col">State</th>
      <th scope="col" class="num">
        Confirmations
      </th>
      <th scope="col" class="num">
        Reward
      </th>
      <th scope="col" class="wide">
        Finder
      </th>
      <th scope="col" class="num wide">
        Effort
      </th>
      <th scope="col" class="num">
        Found
      </th>
    </tr>
  );
}

interface BlocksTableProps {
  readonly blocks: readonly BlockSummary[];
  readonly nowMs: number;
}

export function BlocksTable({ blocks, nowMs }: BlocksTableProps) {
  return (
    <Panel title="Blocks" aside={blocks.length > 0 && `latest ${blocks.length}`}>
      {blocks.length === 0 ? (
        <Empty title="No blocks found yet">Each block appears here the moment the node accepts it.</Empty>
      ) : (
        <div class="table-scroll limited trim" tabIndex={0} role="region" aria-label="Blocks table">
          <table data-testid="blocks-table">
            <thead>
              <Heads />
            </thead>
            <tbody>
              {blocks.map((block) => (
                <BlockRow key={block.hash} block={block} nowMs={nowMs} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
