/** Asks, and lets no reply pass that is not what the schema of the question says. */
import type { Subject } from '@otedama/contracts';
import type { z } from 'zod';

import { type QueryClient, QueryError } from './query-client.ts';

export type Ask = <T>(subject: Subject, schema: z.ZodType<T>, payload?: unknown) => Promise<T>;

export const createAsk =
  (client: QueryClient): Ask =>
  async (subject, schema, payload = {}) => {
    const reply = schema.safeParse(await client.ask(subject, payload));
    if (!reply.success) throw new QueryError('QUERY_BAD_REPLY', subject, reply.error);
    return reply.data;
  };
