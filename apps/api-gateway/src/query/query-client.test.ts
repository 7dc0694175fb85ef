import { InProcessBroker, InProcessClient } from '@otedama/bus';
import { Subject } from '@otedama/contracts';
import { EMPTY, NEVER, of, throwError } from 'rxjs';

import { createQueryClient } from './query-client.ts';

const noOne = async () => ({ values: [], failures: [] });

const asking = (send: () => unknown, timeoutMs = 2_000): Promise<unknown> =>
  createQueryClient({ send: send as never, gather: noOne }, { timeoutMs }).ask(Subject.accountingPools, {});

it('passes subject and payload on and resolves with the reply', async () => {
  const sent: unknown[] = [];
  const client = createQueryClient({
    send: ((...args: unknown[]) => {
      sent.push(args);
      return of([1, 2]);
    }) as never,
    gather: noOne,
  });
  await expect(client.ask(Subject.accountingWorkers, { limit: 5, offset: 0 })).resolves.toEqual([1, 2]);
  expect(sent).toEqual([['query.accounting.workers', { limit: 5, offset: 0 }]]);
});

it('gives up after the timeout', async () => {
  await expect(asking(() => NEVER, 1)).rejects.toMatchObject({
    code: 'QUERY_TIMEOUT',
    subject: Subject.accountingPools,
  });
});

it('knows the in-process bus by what it says when nobody serves a subject', async () => {
  const client = createQueryClient(new InProcessClient(new InProcessBroker()));
  await expect(client.ask(Subject.gatewayStatus, {})).rejects.toMatchObject({ code: 'QUERY_UNAVAILABLE' });
});

it.each([
  ['nobody answers', () => EMPTY, 'QUERY_UNAVAILABLE'],
  ['the bus has no responder', () => throwError(() => ({ code: 'NO_RESPONDERS' })), 'QUERY_UNAVAILABLE'],
  [
    'the handler failed',
    () => throwError(() => ({ status: 'error', message: 'Internal server error' })),
    'QUERY_FAILED',
  ],
  ['the handler threw text', () => throwError(() => 'no'), 'QUERY_FAILED'],
])('says that %s', async (_, send, code) => {
  await expect(asking(send)).rejects.toMatchObject({ code });
});

it('gives the replies of all who answer, and says so when none does', async () => {
  const gathering = (values: readonly unknown[], failures: readonly unknown[] = []) =>
    createQueryClient({
      send: (() => EMPTY) as never,
      gather: (async () => ({ values, failures })) as never,
    });
  const ask = (client: ReturnType<typeof gathering>) => client.askAll(Subject.gatewayStatus, {});
  await expect(ask(gathering([1, 2], ['one failed']))).resolves.toEqual([1, 2]);
  await expect(ask(gathering([]))).rejects.toMatchObject({ code: 'QUERY_UNAVAILABLE' });
  await expect(ask(gathering([], ['failed']))).rejects.toMatchObject({ code: 'QUERY_FAILED' });
});
