import fc from 'fast-check';
import { createNewHeadsFeed, type WebSocketLike } from './new-heads.ts';
import { ManualTimers, settle } from './testing/manual-timers.ts';
import { TipFeedError, type TipSubscription } from './tip-feed.ts';

const HASH = 'ab'.repeat(32);

class FakeSocket implements WebSocketLike {
  readonly sent: { readonly id: number; readonly method: string }[] = [];
  closed = false;
  readonly #listeners = new Map<string, (event: { readonly data: unknown }) => void>();

  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
    this.emit('close');
  }

  emit(type: string, data?: unknown): void {
    this.#listeners.get(type)?.({ data });
  }

  say(message: unknown): void {
    this.emit('message', JSON.stringify(message));
  }
}

let timers: ManualTimers;
let socket: FakeSocket;
let tips: string[];

const head = (hash: unknown) => ({
  jsonrpc: '2.0',
  method: 'eth_subscription',
  params: { subscription: '0x1', result: { number: '0x5', hash } },
});

const begin = (): Promise<TipSubscription> => {
  timers = new ManualTimers();
  socket = new FakeSocket();
  tips = [];
  const feed = createNewHeadsFeed('ws://node', { timers, open: () => socket });
  const subscription = feed.subscribe((hash) => tips.push(hash));
  socket.emit('open');
  return subscription;
};

const subscribed = async (): Promise<TipSubscription> => {
  const subscription = begin();
  socket.say({ jsonrpc: '2.0', id: 1, result: '0x9' });
  return subscription;
};

/** How the subscription ended. */
const endOf = ({ done }: TipSubscription): Promise<string> =>
  done.then(
    () => 'closed',
    (error: unknown) => (error instanceof TipFeedError ? `${error.code}: ${error.message}` : String(error)),
  );

describe('newHeads', () => {
  it('subscribes and reports each head', async () => {
    const subscription = await subscribed();
    expect(socket.sent).toMatchObject([{ method: 'eth_subscribe', params: ['newHeads'] }]);
    socket.say(head(`0x${HASH.toUpperCase()}`));
    expect(tips).toEqual([HASH]);
    subscription.close();
    expect(await endOf(subscription)).toBe('closed');
    expect(socket.closed).toBe(true);
    expect(timers.pending).toBe(0);
    socket.say(head(`0x${'cd'.repeat(32)}`));
    expect(tips).toEqual([HASH]);
  });

  it.each([
    ['a connection that fails', () => socket.emit('error')],
    ['a connection that ends', () => socket.emit('close')],
    [
      'a refusal',
      () => socket.say({ id: 1, error: { code: -32601, message: 'notifications not supported' } }),
    ],
    ['something else', () => socket.emit('message', '<html>')],
    ['bytes', () => socket.emit('message', new ArrayBuffer(4))],
    ['a message without end', () => socket.emit('message', `"${'x'.repeat(70_000)}"`)],
    ['silence', () => void timers.advance(10_000)],
  ])('%s is a subscription that cannot begin', async (_name, happen) => {
    const subscription = begin();
    happen();
    await expect(subscription).rejects.toMatchObject({ code: 'TIP_FEED_BROKEN' });
    expect(socket.closed).toBe(true);
    expect(timers.pending).toBe(0);
  });

  it('an address that is none is an error', async () => {
    const feed = createNewHeadsFeed('nonsense', { timers: new ManualTimers() });
    await expect(feed.subscribe(() => undefined)).rejects.toMatchObject({ code: 'TIP_FEED_ENDPOINT' });
  });

  it('a node that is silent for a minute is asked, and left when it does not answer', async () => {
    const subscription = await subscribed();
    await timers.advance(60_000);
    expect(socket.sent.at(-1)).toMatchObject({ id: 2, method: 'eth_chainId' });
    socket.say({ id: 2, error: { code: -32601, message: 'no such method' } });
    await timers.advance(69_000);
    expect(socket.closed).toBe(false);
    await timers.advance(1_000);
    expect(await endOf(subscription)).toMatch(/^TIP_FEED_BROKEN: .*silent/);
  });

  it('a head without a hash ends the subscription, and later messages change nothing', async () => {
    const subscription = await subscribed();
    socket.say(head('0x12'));
    socket.say(head(`0x${HASH}`));
    expect(await endOf(subscription)).toMatch(/^TIP_FEED_BROKEN/);
    expect(tips).toEqual([]);
  });

  it('whatever a node sends, a subscription goes on or ends in a TipFeedError', async () => {
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify(head(value))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message), async (messages) => {
        const subscription = await subscribed();
        for (const text of messages) socket.emit('message', text);
        subscription.close();
        await settle();
        expect(await endOf(subscription)).toMatch(/^(closed|TIP_FEED_BROKEN: .*)$/);
        for (const tip of tips) expect(tip).toMatch(/^[0-9a-f]{64}$/);
      }),
      { numRuns: 50, seed: 7 },
    );
  }, 60_000);
});
