import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';

import type { Credentials, LoginReply } from '../api/session.ts';
import { textIn } from '../format/form.ts';
import { useModal } from '../state/use-modal.ts';

interface LoginDialogProps {
  readonly onLogin: (credentials: Credentials) => Promise<LoginReply>;
  readonly onClose: () => void;
}

interface FieldProps {
  readonly label: string;
  readonly name: keyof Credentials;
  readonly isShown?: boolean;
  readonly autocomplete: 'username' | 'current-password' | 'new-password' | 'one-time-code';
}

function Field({ label, name, isShown = false, autocomplete }: FieldProps) {
  const input = { name, autocomplete, required: true, 'data-testid': `login-${name}` };
  return (
    <label>
      {label}
      {isShown ? <input type="text" {...input} /> : <input type="password" {...input} />}
    </label>
  );
}

/** Fields that were not shown are not sent. */
const credentialsOf = (data: FormData): Credentials => ({
  name: textIn(data, 'name').trim().toLowerCase(),
  password: textIn(data, 'password'),
  ...(data.has('code') ? { code: textIn(data, 'code').trim() } : {}),
  ...(data.has('newPassword') ? { newPassword: textIn(data, 'newPassword') } : {}),
});

/** Asks for a code or a new password only when the API does. */
export function LoginDialog({ onLogin, onClose }: LoginDialogProps) {
  const dialog = useModal();
  const [asked, setAsked] = useState<ReadonlySet<LoginReply['kind']>>(new Set());
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const logIn = async (credentials: Credentials): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    const reply = await onLogin(credentials);
    setBusy(false);
    if (reply.kind === 'done') onClose();
    else if (reply.kind === 'failed') setFailure(reply.message);
    else setAsked((before) => new Set([...before, reply.kind]));
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void logIn(credentialsOf(new FormData(event.currentTarget)));
  };
  return (
    <dialog ref={dialog} class="dialog" onCancel={onClose} aria-labelledby="login-title">
      <form onSubmit={submit} data-testid="login-form">
        <h2 id="login-title">Log in</h2>
        <Field label="Name" name="name" isShown autocomplete="username" />
        <Field label="Password" name="password" autocomplete="current-password" />
        {asked.has('code-needed') && (
          <Field
            label="Code of the authenticator app, or a recovery code"
            name="code"
            isShown
            autocomplete="one-time-code"
          />
        )}
        {asked.has('new-password-needed') && (
          <Field
            label="A new password, of 12 characters or more"
            name="newPassword"
            autocomplete="new-password"
          />
        )}
        {failure !== undefined && (
          <p class="error" role="alert" data-testid="login-failure">
            {failure}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isBusy}>
            Log in
          </button>
        </div>
      </form>
    </dialog>
  );
}
