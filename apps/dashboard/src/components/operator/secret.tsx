import { CopyButton } from '../copy-button.tsx';
import { Panel } from '../panel.tsx';

/** What the API tells once. */
export interface Told {
  readonly of: string;
  readonly secret: string;
}

export function Secret({
  told: { of, secret },
  onGone,
}: {
  readonly told: Told;
  readonly onGone: () => void;
}) {
  return (
    <Panel
      title={of}
      aside={
        <button type="button" class="button small" onClick={onGone}>
          Done
        </button>
      }
    >
      <p class="how" role="status">
        It is shown now and never again:{' '}
        <span class="mono" data-testid="secret">
          {secret}
        </span>
        <CopyButton text={secret} label={of} />
      </p>
    </Panel>
  );
}
