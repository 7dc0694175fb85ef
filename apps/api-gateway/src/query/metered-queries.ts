/** The queries of the API, counted by what became of them. */
import type { Histogram } from 'prom-client';

import { type QueryClient, QueryError, type QueryErrorCode } from './query-client.ts';

type Outcome = 'done' | 'timeout' | 'unavailable' | 'failed';

const OUTCOMES: Readonly<Record<QueryErrorCode, Outcome>> = {
  QUERY_TIMEOUT: 'timeout',
  QUERY_UNAVAILABLE: 'unavailable',
  QUERY_FAILED: 'failed',
  QUERY_BAD_REPLY: 'failed',
};

export function meterQueries(queries: QueryClient, seconds: Histogram<'subject' | 'outcome'>): QueryClient {
  const metered = async <Value>(subject: string, ask: () => Promise<Value>): Promise<Value> => {
    const ended = seconds.startTimer({ subject });
    try {
      const value = await ask();
      ended({ outcome: 'done' });
      return value;
    } catch (error) {
      ended({ outcome: error instanceof QueryError ? OUTCOMES[error.code] : 'failed' });
      throw error;
    }
  };
  return {
    ask: (subject, payload) => metered(subject, () => queries.ask(subject, payload)),
    askAll: (subject, payload) => metered(subject, () => queries.askAll(subject, payload)),
  };
}
