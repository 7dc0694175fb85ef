import type { KeySummary } from '@otedama/contracts';
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';

import { KEYS_PATH, addKey, revokeKey } from '../../api/access.ts';
import { textIn } from '../../format/form.ts';
import { formatTimestamp } from '../../format/time.ts';
import { type Changes, useAnswer, useChanges } from '../../state/use-answer.ts';
import { ConfirmButton } from '../confirm-button.tsx';
import { Empty, Panel } from '../panel.tsx';
import { Answered } from './answered.tsx';
import { OutcomeLine } from './outcome.tsx';
import { RoleField, roleIn } from './role-field.tsx';
import { Secret, type Told } from './secret.tsx';

const DAYS = [30, 90, 365] as const;

interface RowProps {
  readonly entry: KeySummary;
  readonly changes: Changes;
}

function KeyRow({ entry, changes }: RowProps) {
  const { name, role, shown, createdBy, expiresAtMs, lastUsedAtMs } = entry;
  return (
    <tr data-testid="key-row">
      <th scope="row" class="name break">
        {name}
        <span class="remark mono">{shown}…</span>
      </th>
      <td>{role}</td>
      <td class="when">{expiresAtMs === undefined ? 'never' : formatTimestamp(expiresAtMs)}</td>
      <td class="wide">{lastUsedAtMs === undefined ? '–' : formatTimestamp(lastUsedAtMs)}</td>
      <td class="wide break">{createdBy}</td>
      <td class="num">
        <ConfirmButton
          label={`Revoke ${name}`}
          question={`Revoke ${name}?`}
          confirm="Revoke"
          disabled={changes.isBusy}
          onConfirm={() =>
            changes.make(
              () => revokeKey(entry),
              () => `${name} is good for nothing any more.`,
            )
          }
        >
          Programs that use this key are refused from now on. It cannot be taken back.
        </ConfirmButton>
      </td>
    </tr>
  );
}

interface TableProps {
  readonly keys: readonly KeySummary[];
  readonly changes: Changes;
}

function KeysTable({ keys, changes }: TableProps) {
  if (keys.length === 0)
    return <Empty title="There is no key">A program has a key of its own, with its role.</Empty>;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Keys table">
      <table data-testid="keys-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Expires</th>
            <th scope="col" class="wide">
              Last used
            </th>
            <th scope="col" class="wide">
              Made by
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} entry={key} changes={changes} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface FormProps {
  readonly changes: Changes;
  readonly onTold: (told: Told) => void;
}

function KeyForm({ changes, onTold }: FormProps) {
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const days = DAYS.find((count) => String(count) === textIn(data, 'days'));
    const name = textIn(data, 'name').trim();
    const key = { name, role: roleIn(data), ...(days === undefined ? {} : { expiresInDays: days }) };
    changes.make(
      () => addKey(key),
      ({ secret = '' }) => {
        form.reset();
        onTold({ of: `Key ${name}`, secret });
        return `${name} has a key.`;
      },
    );
  };
  return (
    <Panel title="Make a key for a program">
      <form class="form" onSubmit={submit} data-testid="key-form">
        <label>
          Name
          <input name="name" required maxLength={64} autocomplete="off" data-testid="key-name" />
        </label>
        <RoleField testId="key-role" />
        <label>
          Good for
          <select name="days" data-testid="key-days">
            {DAYS.map((count) => (
              <option key={count} value={count}>
                {count} days
              </option>
            ))}
            <option value="">As long as it is not revoked</option>
          </select>
        </label>
        <button type="submit" class="button primary" disabled={changes.isBusy}>
          Make key
        </button>
      </form>
    </Panel>
  );
}

export function KeysSection() {
  const keys = useAnswer<readonly KeySummary[]>(KEYS_PATH);
  const changes = useChanges(keys.reload);
  const [told, setTold] = useState<Told>();
  return (
    <>
      <KeyForm changes={changes} onTold={setTold} />
      <OutcomeLine outcome={changes.outcome} />
      {told !== undefined && <Secret key={told.secret} told={told} onGone={() => setTold(undefined)} />}
      <Answered title="Keys" asked={keys}>
        {(all) => <KeysTable keys={all} changes={changes} />}
      </Answered>
    </>
  );
}
