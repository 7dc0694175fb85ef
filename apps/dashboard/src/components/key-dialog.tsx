import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface KeyDialogProps {
  /** The last key was not accepted. */
  readonly isRetry: boolean;
  readonly onKey: (key: string) => void;
  readonly onCancel: () => void;
}

/** Asks for the API key. It is held by the page alone and forgotten with it. */
export function KeyDialog({ isRetry, onKey, onCancel }: KeyDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const key = new FormData(event.currentTarget).get('key');
    if (typeof key === 'string' && key !== '') onKey(key);
  };
  return (
    <dialog ref={dialog} class="dialog" onCancel={onCancel} aria-labelledby="key-title">
      <form onSubmit={submit}>
        <h2 id="key-title">API key</h2>
        <p>{isRetry ? 'That key was not accepted.' : 'Starting and stopping the miner needs the API key.'}</p>
        <input
          name="key"
          type="password"
          autocomplete="off"
          required
          aria-label="API key"
          data-testid="api-key"
        />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onCancel}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Continue
          </button>
        </div>
      </form>
    </dialog>
  );
}
