/** Who did what, and the head of the log: the one thing that somebody else should keep. */
import type { AuditEntrySummary } from '@otedama/contracts';
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';

import {
  ANY,
  type AuditFilter,
  type AuditPage as EntryPage,
  ENTRIES_A_PAGE,
  HEAD_PATH,
  auditPath,
  headOf,
} from '../../api/audit.ts';
import { textIn } from '../../format/form.ts';
import { formatTimestamp } from '../../format/time.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { CopyButton } from '../copy-button.tsx';
import { Pager } from '../pager.tsx';
import { Empty, Panel } from '../panel.tsx';
import { Pill, type Tone } from '../pill.tsx';
import { Answered } from './answered.tsx';

type Event = AuditEntrySummary['event'];

const OUTCOMES: Readonly<Record<Event['outcome'], { tone: Tone; text: string }>> = {
  done: { tone: 'good', text: 'Done' },
  refused: { tone: 'warn', text: 'Refused' },
  failed: { tone: 'bad', text: 'Failed' },
};

const detailOf = ([name, value]: [string, string | number | boolean]): string =>
  typeof value === 'number' && name.endsWith('Ms')
    ? `${name.slice(0, -2)} ${formatTimestamp(value)}`
    : `${name} ${String(value)}`;

const detailsOf = ({ details }: Event): string =>
  Object.entries(details)
    .filter(([, value]) => value !== '')
    .map(detailOf)
    .join(', ');

function EntryRow({ entry: { seq, event } }: { readonly entry: AuditEntrySummary }) {
  const { actor, address, action, target, outcome, atMs } = event;
  const { tone, text } = OUTCOMES[outcome];
  return (
    <tr data-testid="audit-row">
      <th scope="row" class="num">
        {seq}
      </th>
      <td class="when">{formatTimestamp(atMs)}</td>
      <td class="break">
        {actor.name}
        <span class="remark item-detail">
          {actor.kind}
          {address !== undefined && ` from ${address}`}
        </span>
      </td>
      <td class="break">
        {action} <Pill tone={tone}>{text}</Pill>
        <span class="remark item-detail">{target}</span>
        <span class="remark item-detail">{detailsOf(event)}</span>
      </td>
    </tr>
  );
}

function EntriesTable({ entries }: { readonly entries: readonly AuditEntrySummary[] }) {
  if (entries.length === 0) return <Empty title="No entry is like that" />;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Audit table">
      <table data-testid="audit-table">
        <thead>
          <tr>
            <th scope="col" class="num">
              Entry
            </th>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <EntryRow key={entry.seq} entry={entry} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head() {
  const page = useAnswer<EntryPage>(HEAD_PATH);
  return (
    <Answered title="Head of the log" asked={page}>
      {(known) => {
        const head = headOf(known);
        if (head === undefined) return <Empty title="Nothing is written down yet" />;
        return (
          <div class="how">
            <p class="mono break" data-testid="audit-head">
              {head}
              <CopyButton text={head} label="head of the audit log" />
            </p>
            Keep it where whoever owns the database cannot reach it:{' '}
            <code>./otedama audit verify --expect</code> then tells whether anything before it was changed.
          </div>
        );
      }}
    </Answered>
  );
}

const FIELDS = [
  ['actor', 'Who', 'alice'],
  ['action', 'Action, or its first word', 'payout'],
  ['target', 'To what', ''],
] as const;

function FilterForm({ onFilter }: { readonly onFilter: (filter: AuditFilter) => void }) {
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const [actor = '', action = '', target = ''] = FIELDS.map(([name]) => textIn(data, name).trim());
    onFilter({ actor, action, target });
  };
  return (
    <Panel title="Look for">
      <form class="form" onSubmit={submit} data-testid="audit-form">
        {FIELDS.map(([name, label, example]) => (
          <label key={name}>
            {label}
            <input
              name={name}
              maxLength={255}
              autocomplete="off"
              placeholder={example}
              data-testid={`audit-${name}`}
            />
          </label>
        ))}
        <button type="submit" class="button">
          Show
        </button>
      </form>
    </Panel>
  );
}

export function AuditPage() {
  const [{ filter, offset }, setWanted] = useState({ filter: ANY, offset: 0 });
  const entries = useAnswer<EntryPage>(auditPath(filter, offset));
  return (
    <>
      <Head />
      <FilterForm onFilter={(wanted) => setWanted({ filter: wanted, offset: 0 })} />
      <Answered title="Entries, the newest first" asked={entries}>
        {({ items, more }) => (
          <>
            <EntriesTable entries={items} />
            <Pager
              offset={offset}
              size={ENTRIES_A_PAGE}
              more={more}
              onPage={(next) => setWanted({ filter, offset: next })}
            />
          </>
        )}
      </Answered>
    </>
  );
}
