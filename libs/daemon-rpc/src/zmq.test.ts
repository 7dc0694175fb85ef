import * as zeromq from 'zeromq';
import { subscribeHashBlock } from './zmq.ts';

const HASH = 'ab'.repeat(32);

describe('subscribeHashBlock', () => {
  it('reports hashes from a real publisher, and nothing that is not one', async () => {
    const publisher = new zeromq.XPublisher({ linger: 0 });
    await publisher.bind('tcp://127.0.0.1:*');
    const seen: string[] = [];
    const { promise: first, resolve } = Promise.withResolvers<void>();
    const subscription = await subscribeHashBlock(publisher.lastEndpoint ?? '', (hash) => {
      seen.push(hash);
      resolve();
    });
    // An XPUB socket receives the subscription: from then on nothing that is sent is lost.
    const [request] = await publisher.receive();
    expect(request?.toString('latin1')).toBe('\u0001hashblock');
    await publisher.send(['hashblock', Buffer.alloc(5), Buffer.alloc(4)]);
    await publisher.send(['hashblock']);
    await publisher.send(['hashblock2', Buffer.alloc(32, 1), Buffer.alloc(4)]);
    await publisher.send(['hashblock', Buffer.from(HASH, 'hex'), Buffer.alloc(4)]);
    await first;
    expect(seen).toEqual([HASH]);
    subscription.close();
    await subscription.done;
    publisher.close();
  });

  it('a missing package is an error that says what to do', async () => {
    const missing = subscribeHashBlock(
      'tcp://127.0.0.1:1',
      () => undefined,
      () => Promise.reject(new Error('Cannot find module')),
    );
    await expect(missing).rejects.toMatchObject({
      code: 'ZMQ_MISSING',
      message: expect.stringContaining('install it or remove the endpoint'),
    });
  });

  it('an endpoint that is none is an error', async () => {
    await expect(subscribeHashBlock('nonsense', () => undefined)).rejects.toMatchObject({
      code: 'ZMQ_ENDPOINT',
    });
  });
});
