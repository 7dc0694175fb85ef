import * as zeromq from 'zeromq';
import type { TipFeed } from './tip-feed.ts';
import { createChainMainFeed, createHashBlockFeed } from './zmq.ts';

const HASH = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const TOPIC = 'json-minimal-chain_main';

/** What a feed reports of messages that a real publisher sends; the last of them is an announcement. */
const heard = async (
  feedOf: (endpoint: string) => TipFeed,
  topic: string,
  messages: readonly (string | readonly (string | Buffer)[])[],
): Promise<string[]> => {
  const publisher = new zeromq.XPublisher({ linger: 0 });
  await publisher.bind('tcp://127.0.0.1:*');
  const seen: string[] = [];
  const { promise: last, resolve } = Promise.withResolvers<void>();
  const subscription = await feedOf(publisher.lastEndpoint ?? '').subscribe((hash) => {
    seen.push(hash);
    if (hash === HASH) resolve();
  });
  // An XPUB socket receives the subscription: from then on nothing that is sent is lost.
  const [request] = await publisher.receive();
  expect(request?.toString('latin1')).toBe(`\u0001${topic}`);
  for (const message of messages) await publisher.send([message].flat());
  await last;
  subscription.close();
  await subscription.done;
  publisher.close();
  return seen;
};

describe('ZMQ feeds', () => {
  it("reports the hashes of bitcoind's publisher, and nothing that is not one", async () => {
    const seen = await heard(createHashBlockFeed, 'hashblock', [
      ['hashblock', Buffer.alloc(5), Buffer.alloc(4)],
      ['hashblock'],
      ['hashblock2', Buffer.alloc(32, 1), Buffer.alloc(4)],
      ['hashblock', Buffer.from(HASH, 'hex'), Buffer.alloc(4)],
    ]);
    expect(seen).toEqual([HASH]);
  });

  it("reports the new tip of monerod's publisher, and nothing that is not one", async () => {
    const seen = await heard(createChainMainFeed, TOPIC, [
      TOPIC,
      `${TOPIC}:`,
      `${TOPIC}2:{"ids":["${OTHER}"]}`,
      `${TOPIC}:{"ids":[]}`,
      `${TOPIC}:{"ids":["ab"]}`,
      `${TOPIC}:{"ids":["${HASH}`,
      `${TOPIC}:null`,
      // As monerod 0.18 sends it for one block, and for two after a reorganisation.
      `${TOPIC}:{"first_height":5,"first_prev_id":"${HASH}","ids":["${OTHER}"]}`,
      `${TOPIC}:{"first_height":5,"first_prev_id":"${OTHER}","ids":["${OTHER}","${HASH}"]}`,
    ]);
    expect(seen).toEqual([OTHER, HASH]);
  });

  it('a missing package is an error that says what to do', async () => {
    const feed = createHashBlockFeed('tcp://127.0.0.1:1', () =>
      Promise.reject(new Error('Cannot find module')),
    );
    await expect(feed.subscribe(() => undefined)).rejects.toMatchObject({
      code: 'TIP_FEED_MISSING',
      message: expect.stringContaining('install it or remove the endpoint'),
    });
  });

  it('an endpoint that is none is an error', async () => {
    await expect(createChainMainFeed('nonsense').subscribe(() => undefined)).rejects.toMatchObject({
      code: 'TIP_FEED_ENDPOINT',
    });
  });
});
