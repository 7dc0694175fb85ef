import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';

import { type NewBan, addBan, subjectOf } from '../../api/bans.ts';
import type { Changes } from '../../state/use-answer.ts';
import { textIn } from '../../format/form.ts';
import { Panel } from '../panel.tsx';

const HOUR_MS = 3_600_000;
const TERMS: readonly (readonly [string, number | undefined])[] = [
  ['1 hour', HOUR_MS],
  ['1 day', 24 * HOUR_MS],
  ['7 days', 7 * 24 * HOUR_MS],
  ['30 days', 30 * 24 * HOUR_MS],
  ['Until it is removed', undefined],
];

const banOf = (data: FormData, nowMs: number): NewBan => {
  const forMs = TERMS[Number(textIn(data, 'term'))]?.[1];
  const end = forMs === undefined ? {} : { untilMs: nowMs + forMs };
  const rest = { note: textIn(data, 'note').trim(), ...end };
  return data.has('account')
    ? { pool: textIn(data, 'pool'), account: textIn(data, 'account').trim(), ...rest }
    : { network: textIn(data, 'network').trim(), ...rest };
};

interface SubjectProps {
  readonly pools: readonly string[];
  readonly isAccount: boolean;
  readonly onKind: (isAccount: boolean) => void;
}

function Subject({ pools, isAccount, onKind }: SubjectProps) {
  return (
    <>
      <label>
        What
        <select
          value={isAccount ? 'account' : 'network'}
          onChange={({ currentTarget }) => onKind(currentTarget.value === 'account')}
          data-testid="ban-kind"
        >
          <option value="network">Address or range</option>
          <option value="account">Account of a pool</option>
        </select>
      </label>
      {isAccount ? (
        <>
          <label>
            Pool
            <select name="pool" data-testid="ban-pool">
              {pools.map((pool) => (
                <option key={pool}>{pool}</option>
              ))}
            </select>
          </label>
          <label>
            Payout address
            <input name="account" required maxLength={255} autocomplete="off" data-testid="ban-account" />
          </label>
        </>
      ) : (
        <label>
          Address or range
          <input
            name="network"
            required
            maxLength={49}
            autocomplete="off"
            placeholder="192.0.2.0/24"
            data-testid="ban-network"
          />
        </label>
      )}
    </>
  );
}

interface BanFormProps {
  readonly pools: readonly string[];
  readonly changes: Changes;
}

export function BanForm({ pools, changes }: BanFormProps) {
  const [isAccount, setAccount] = useState(false);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const ban = banOf(new FormData(form), Date.now());
    changes.make(
      () => addBan(ban),
      (added) => {
        form.reset();
        setAccount(false);
        return `${subjectOf(added)} is kept out.`;
      },
    );
  };
  return (
    <Panel title="Keep somebody out">
      <form class="form" onSubmit={submit} data-testid="ban-form">
        <Subject pools={pools} isAccount={isAccount} onKind={setAccount} />
        <label>
          How long
          <select name="term" data-testid="ban-term">
            {TERMS.map(([text], index) => (
              <option key={text} value={index}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label>
          Note, for other operators
          <input name="note" maxLength={200} autocomplete="off" data-testid="ban-note" />
        </label>
        <button type="submit" class="button primary" disabled={changes.isBusy}>
          Keep out
        </button>
      </form>
    </Panel>
  );
}
