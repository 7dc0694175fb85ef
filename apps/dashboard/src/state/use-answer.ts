/** The API's answers and changes of a page, as its components see them. */
import { useEffect, useState } from 'preact/hooks';

import { type Answer, ask } from '../api/ask.ts';

export interface Asked<Value> {
  /** Undefined: not yet. */
  readonly answer: Answer<Value> | undefined;
  /** Asks again; until then what was known stays. */
  readonly reload: () => void;
}

/** What comes after another path was asked for, or the page was left, counts for nothing. */
export function useAnswer<Value>(path: string): Asked<Value> {
  const [answer, setAnswer] = useState<Answer<Value>>();
  const [times, setTimes] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    ask<Value>('GET', path, { signal: leaving.signal }).then(setAnswer, (error: unknown) => {
      if (!leaving.signal.aborted) throw error;
    });
    return () => leaving.abort();
  }, [path, times]);
  return { answer, reload: () => setTimes((before) => before + 1) };
}

export interface Outcome {
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

export interface Changes {
  readonly isBusy: boolean;
  /** Of the last change; undefined while one is under way. */
  readonly outcome: Outcome | undefined;
  /** `done`: what to say when the API has made it. */
  readonly make: <Value>(asked: () => Promise<Answer<Value>>, done: (value: Value) => string) => void;
}

/** One change at a time. */
export function useChanges(onDone: () => void): Changes {
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const make = async <Value>(
    asked: () => Promise<Answer<Value>>,
    done: (value: Value) => string,
  ): Promise<void> => {
    setBusy(true);
    setOutcome(undefined);
    const answer = await asked();
    setBusy(false);
    if (answer.kind === 'failed') {
      setOutcome({ kind: 'failed', text: answer.message });
      return;
    }
    setOutcome({ kind: 'done', text: done(answer.value) });
    onDone();
  };
  return { isBusy, outcome, make: (asked, done) => void make(asked, done) };
}
