import type { ComponentChildren } from 'preact';

import type { Asked } from '../../state/use-answer.ts';
import { Empty, Panel } from '../panel.tsx';

interface AnsweredProps<Value> {
  readonly title: string;
  readonly asked: Asked<Value>;
  readonly children: (value: Value) => ComponentChildren;
}

/** The panel of what the API was asked for, or why it is not there. */
export function Answered<Value>({ title, asked: { answer, reload }, children }: AnsweredProps<Value>) {
  return (
    <Panel
      title={title}
      aside={
        <button type="button" class="button small" onClick={reload}>
          Reload
        </button>
      }
    >
      {answer === undefined && <Empty title="Asking the API" />}
      {answer?.kind === 'failed' && <Empty title="No answer">{answer.message}</Empty>}
      {answer?.kind === 'known' && children(answer.value)}
    </Panel>
  );
}
