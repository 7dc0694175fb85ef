import type { Outcome } from '../../state/use-answer.ts';

interface OutcomeLineProps {
  readonly outcome: Outcome | undefined;
}

/** What became of the last change. It is there before it says something: so it is read out. */
export function OutcomeLine({ outcome }: OutcomeLineProps) {
  return (
    <p
      class={`outcome ${outcome?.kind === 'failed' ? 'error' : ''}`}
      role="status"
      data-testid="outcome"
      data-kind={outcome?.kind}
    >
      {outcome?.text}
    </p>
  );
}
