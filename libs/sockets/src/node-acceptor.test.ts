import { Server, connect } from 'node:net';

import type { Acceptor } from './arrival.ts';
import { acceptByNode } from './node-acceptor.ts';

const OPTIONS = { host: '127.0.0.1', port: 0, backlog: 16, reusePort: false, maxWaiting: 4 };

let acceptor: Acceptor;
afterEach(() => acceptor.close());

it('goes on listening when the system has failed to accept, again and again', async () => {
  const listens = import.meta.jest.spyOn(Server.prototype, 'listen');
  const comes = Promise.withResolvers<void>();
  acceptor = await acceptByNode(OPTIONS, comes.resolve);
  const [server] = listens.mock.contexts as Server[];
  listens.mockRestore();
  // What Node says when there are no descriptors left.
  for (let times = 0; times < 2; times++) server?.emit('error', new Error('accept EMFILE'));
  connect(acceptor.port, '127.0.0.1').on('error', () => undefined);
  await comes.promise;
  expect(acceptor.waiting).toBe(1);
});
