import { useLayoutEffect, useRef } from 'preact/hooks';

import { CopyButton } from '../copy-button.tsx';
import { Panel } from '../panel.tsx';

/** What the API tells once. */
export interface Told {
  readonly of: string;
  readonly secret: string;
}

interface SecretProps {
  readonly told: Told;
  readonly onGone: () => void;
}

/** Takes the focus: so it is in sight, and read out. */
export function Secret({ told: { of, secret }, onGone }: SecretProps) {
  const line = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => line.current?.focus(), []);
  return (
    <Panel
      title={of}
      aside={
        <button type="button" class="button small" onClick={onGone}>
          Done
        </button>
      }
    >
      <p class="how" ref={line} tabIndex={-1}>
        It is shown now and never again:{' '}
        <span class="mono" data-testid="secret">
          {secret}
        </span>
        <CopyButton text={secret} label={of} />
      </p>
    </Panel>
  );
}
