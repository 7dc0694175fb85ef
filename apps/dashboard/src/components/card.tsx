import type { ComponentChildren } from 'preact';

interface CardProps {
  readonly label: string;
  readonly value: string;
  readonly unit?: string | undefined;
  readonly testId: string;
  readonly aside?: ComponentChildren;
  readonly action?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** One figure with what explains it. */
export function Card({ label, value, unit, testId, aside, action, children }: CardProps) {
  return (
    <section class="card" aria-label={label}>
      <div class="card-head">
        <h2 class="label">{label}</h2>
        {aside}
      </div>
      <div class="card-main">
        <p class="figure" data-testid={testId}>
          {value}
          {unit !== undefined && <span class="unit"> {unit}</span>}
        </p>
        {action}
      </div>
      <div class="card-foot">{children}</div>
    </section>
  );
}

interface FactProps {
  readonly label: string;
  readonly testId?: string;
  readonly children: ComponentChildren;
}

export function Fact({ label, testId, children }: FactProps) {
  return (
    <span class="fact">
      <span data-testid={testId}>{children}</span> {label}
    </span>
  );
}
