import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet';

interface PillProps {
  readonly tone: Tone;
  readonly testId?: string;
  readonly children: ComponentChildren;
}

/** A state in a word. The dot repeats in colour what the word says. */
export function Pill({ tone, testId, children }: PillProps) {
  return (
    <span class={`pill ${tone}`} data-testid={testId}>
      {children}
    </span>
  );
}
