import type { UserSummary } from '@otedama/contracts';
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';

import { USERS_PATH, addUser, setDisabled } from '../../api/access.ts';
import { textIn } from '../../format/form.ts';
import { formatTimestamp } from '../../format/time.ts';
import { type Changes, useAnswer, useChanges } from '../../state/use-answer.ts';
import { ConfirmButton } from '../confirm-button.tsx';
import { Panel } from '../panel.tsx';
import { Pill } from '../pill.tsx';
import { Answered } from './answered.tsx';
import { OutcomeLine } from './outcome.tsx';
import { RoleField, roleIn } from './role-field.tsx';
import { Secret, type Told } from './secret.tsx';

function State({ user: { isDisabled, isPasswordTemporary } }: { readonly user: UserSummary }) {
  if (isDisabled) return <Pill tone="quiet">Disabled</Pill>;
  return isPasswordTemporary ? <Pill tone="busy">First password</Pill> : <Pill tone="good">Active</Pill>;
}

interface RowProps {
  readonly user: UserSummary;
  readonly changes: Changes;
}

function Toggle({ user, changes }: RowProps) {
  const { name, isDisabled } = user;
  const change = (): void =>
    changes.make(
      () => setDisabled(user, !isDisabled),
      () => (isDisabled ? `${name} may log in again.` : `${name} is out, and logged out everywhere.`),
    );
  if (!isDisabled) {
    return (
      <ConfirmButton
        label={`Disable ${name}`}
        question={`Disable ${name}?`}
        confirm="Disable"
        disabled={changes.isBusy}
        onConfirm={change}
      >
        All sessions of the user end, and no new one begins. It can be enabled again.
      </ConfirmButton>
    );
  }
  return (
    <button
      type="button"
      class="button small"
      disabled={changes.isBusy}
      aria-label={`Enable ${name}`}
      onClick={change}
    >
      Enable
    </button>
  );
}

function UserRow({ user, changes }: RowProps) {
  const { name, role, hasTotp, lastLoginAtMs } = user;
  return (
    <tr data-testid="user-row" class={user.isDisabled ? 'is-off' : undefined}>
      <th scope="row" class="name break">
        {name}
      </th>
      <td>{role}</td>
      <td>
        <State user={user} />
      </td>
      <td class="wide">{hasTotp ? 'yes' : 'no'}</td>
      <td class="wide">{lastLoginAtMs === undefined ? '–' : formatTimestamp(lastLoginAtMs)}</td>
      <td class="num">
        <Toggle user={user} changes={changes} />
      </td>
    </tr>
  );
}

interface TableProps {
  readonly users: readonly UserSummary[];
  readonly changes: Changes;
}

function UsersTable({ users, changes }: TableProps) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Users table">
      <table data-testid="users-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">State</th>
            <th scope="col" class="wide">
              Authenticator
            </th>
            <th scope="col" class="wide">
              Last login
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.name} user={user} changes={changes} />
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

function UserForm({ changes, onTold }: FormProps) {
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const user = { name: textIn(data, 'name').trim().toLowerCase(), role: roleIn(data) };
    changes.make(
      () => addUser(user),
      ({ secret = '' }) => {
        form.reset();
        onTold({ of: `First password of ${user.name}`, secret });
        return `${user.name} may log in, and chooses a password then.`;
      },
    );
  };
  return (
    <Panel title="Add a user">
      <form class="form" onSubmit={submit} data-testid="user-form">
        <label>
          Name
          <input
            name="name"
            required
            maxLength={32}
            autocomplete="off"
            autocapitalize="none"
            data-testid="user-name"
          />
        </label>
        <RoleField testId="user-role" />
        <button type="submit" class="button primary" disabled={changes.isBusy}>
          Add user
        </button>
      </form>
    </Panel>
  );
}

export function UsersSection() {
  const users = useAnswer<readonly UserSummary[]>(USERS_PATH);
  const changes = useChanges(users.reload);
  const [told, setTold] = useState<Told>();
  return (
    <>
      <UserForm changes={changes} onTold={setTold} />
      <OutcomeLine outcome={changes.outcome} />
      {told !== undefined && <Secret key={told.secret} told={told} onGone={() => setTold(undefined)} />}
      <Answered title="Users" asked={users}>
        {(all) => <UsersTable users={all} changes={changes} />}
      </Answered>
    </>
  );
}
