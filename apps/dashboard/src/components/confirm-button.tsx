import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { useModal } from '../state/use-modal.ts';

interface ConfirmDialogProps {
  readonly question: string;
  readonly confirm: string;
  readonly children: ComponentChildren;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

function ConfirmDialog({ question, confirm, children, onConfirm, onClose }: ConfirmDialogProps) {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      class="dialog"
      onCancel={onClose}
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
    >
      <h2 id="confirm-title">{question}</h2>
      <p id="confirm-text">{children}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button primary" data-testid="confirm" onClick={onConfirm}>
          {confirm}
        </button>
      </div>
    </dialog>
  );
}

interface ConfirmButtonProps extends Pick<
  ConfirmDialogProps,
  'question' | 'confirm' | 'children' | 'onConfirm'
> {
  /** Of all buttons of a table the one of this row. */
  readonly label: string;
  readonly disabled: boolean;
}

/** For what cannot be taken back, or puts somebody out: a click asks first. */
export function ConfirmButton({ label, disabled, ...dialog }: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const { confirm, onConfirm } = dialog;
  return (
    <>
      <button
        type="button"
        class="button small"
        disabled={disabled}
        aria-label={label}
        onClick={() => setAsking(true)}
      >
        {confirm}
      </button>
      {isAsking && (
        <ConfirmDialog
          {...dialog}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            onConfirm();
          }}
        />
      )}
    </>
  );
}
