/** One block: what it paid, to whom, why so much, and what became of it. */
import type { Settlement } from '@otedama/contracts';
import { useState } from 'preact/hooks';
import { type BlockName, MINERS_A_PAGE, settlementPath } from '../api/settlement.ts';
import { formatCount, formatEffort } from '../format/number.ts';
import { shortHash } from '../format/text.ts';
import { formatTimestamp } from '../format/time.ts';
import { useAnswer } from '../state/use-answer.ts';
import { Amount } from './amount.tsx';
import { CopyButton } from './copy-button.tsx';
import { Pager } from './pager.tsx';
import { Empty, Panel } from './panel.tsx';
import { Pill, type Tone } from './pill.tsx';
import { SettlementEntries, SettlementMiners } from './settlement-tables.tsx';

const VERDICTS: Record<Settlement['verdict'], { tone: Tone; text: string; words: string }> = {
  equal: {
    tone: 'good',
    text: 'Recomputed',
    words: 'Worked out anew from the booked work: every amount is the same.',
  },
  different: {
    tone: 'bad',
    text: 'Different',
    words: 'Worked out anew from the booked work, and not the same:',
  },
  pruned: { tone: 'warn', text: 'Not recomputed', words: 'The amounts are those that were booked:' },
  not_credited: { tone: 'warn', text: 'Never credited', words: 'Nothing was booked for this block.' },
};

interface SheetProps {
  readonly sheet: Settlement;
}

const windowText = ({ window }: Settlement): string => {
  if (window === undefined) return '–';
  const { from, to, ranges, edge } = window;
  const parts = ranges ?? [{ from: from ?? '–', to }];
  const text = parts.map((part) => `${part.from} to ${part.to}`).join(', ');
  return edge === undefined
    ? text
    : `${text}; of entry ${edge.sequence}, ${edge.workInside} of ${edge.work} work count`;
};

const termsText = ({ terms }: Settlement): string => {
  if (terms === undefined) return '–';
  const { scheme, feeBasisPoints } = terms;
  const fee = typeof feeBasisPoints === 'number' ? `, fee ${feeBasisPoints / 100} %` : '';
  return `${String(scheme).toUpperCase()}${fee}`;
};

function Facts({ sheet }: SheetProps) {
  const { decimals, symbol } = sheet;
  const amount = (atomic: string) => <Amount atomic={atomic} decimals={decimals} symbol={symbol} />;
  const facts: readonly (readonly [string, preact.ComponentChildren])[] = [
    ['Reward', amount(sheet.rewardAtomic)],
    ['Fee', amount(sheet.feeAtomic)],
    ...sheet.splits.map(
      ({ address, amountAtomic }) => [`Split to ${address}`, amount(amountAtomic)] as const,
    ),
    ...(sheet.bankrollAtomic === '0' ? [] : [['Bankroll', amount(sheet.bankrollAtomic)] as const]),
    ['Divided among miners', amount(sheet.dividedAtomic)],
    ['Remainder', amount(sheet.remainderAtomic)],
    ['Terms', termsText(sheet)],
    ['Share log entries', windowText(sheet)],
    [
      'Work in the window',
      sheet.window === undefined
        ? '–'
        : `${sheet.window.work}${sheet.window.capacity === undefined ? '' : ` of ${sheet.window.capacity}`}`,
    ],
    ['Effort', sheet.effort === undefined ? '–' : formatEffort(sheet.effort)],
    ['Found', `${formatTimestamp(sheet.foundAtMs)} by ${sheet.finder}`],
  ];
  return (
    <dl class="facts" data-testid="settlement-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Verdict({ sheet }: SheetProps) {
  const { tone, text, words } = VERDICTS[sheet.verdict];
  return (
    <div class="verdict" data-testid="settlement-verdict" data-verdict={sheet.verdict}>
      <Pill tone={tone}>{text}</Pill>
      <span>
        {words}
        {sheet.isTakenBack && ' It was taken back since.'}
        {sheet.remarks.map((remark) => (
          <span key={remark} class="remark">
            {remark}
          </span>
        ))}
      </span>
    </div>
  );
}

function Sheet({ sheet, offset, onPage }: SheetProps & { offset: number; onPage: (offset: number) => void }) {
  const last = offset + sheet.miners.length;
  return (
    <>
      <Panel
        title={`Settlement of ${sheet.symbol} block ${formatCount(sheet.height)}`}
        aside={
          <span class="mono">
            <span title={sheet.hash}>{shortHash(sheet.hash)}</span>
            <CopyButton text={sheet.hash} label={`hash of block ${sheet.height}`} />
          </span>
        }
      >
        <Verdict sheet={sheet} />
        <Facts sheet={sheet} />
      </Panel>
      <Panel
        title="Miners"
        aside={sheet.minersTotal > 0 && `${offset + 1} to ${last} of ${formatCount(sheet.minersTotal)}`}
      >
        <SettlementMiners sheet={sheet} />
        <Pager offset={offset} size={MINERS_A_PAGE} more={last < sheet.minersTotal} onPage={onPage} />
      </Panel>
      <Panel title="Entries of the journal">
        <SettlementEntries sheet={sheet} />
      </Panel>
    </>
  );
}

export function SettlementPage({ block }: { readonly block: BlockName }) {
  const [offset, setOffset] = useState(0);
  const { answer } = useAnswer<Settlement>(settlementPath(block, offset));
  return (
    <div class="sheet" data-testid="settlement">
      <p>
        <a href="#" class="back">
          ← Back to the pool
        </a>
      </p>
      {answer === undefined && <Panel title="Settlement">{<Empty title="Working it out anew" />}</Panel>}
      {answer?.kind === 'failed' && (
        <Panel title="Settlement">
          <Empty title="There is no sheet">{answer.message}</Empty>
        </Panel>
      )}
      {answer?.kind === 'known' && <Sheet sheet={answer.value} offset={offset} onPage={setOffset} />}
    </div>
  );
}
