/**
 * Whatever comes in whatever order to N gateways that hear one stream late, and to clients that come, go and return
 * anywhere: what a client has made of its frames is what the stream says.
 */
import { type LiveFrame, type LiveMessage, liveFrameSchema } from '@otedama/contracts';
import { type LiveDocument, type LivePatch, LiveView, applyPatch, diffPatch } from '@otedama/contracts/live';
import fc from 'fast-check';

import { LiveHistory } from './history.ts';
import { Viewer } from './viewer.ts';

const LIMITS = { keptMs: 60_000, maxBytes: 1_000_000, maxReplayBytes: 100_000 };
const TOPICS = ['status', 'blocks', 'pool:a'] as const;

/** Undoes `textFrame`, and checks the frame against its schema. */
const framesOf = (bytes: Buffer): LiveFrame => {
  const length = bytes[1] ?? 0;
  const header = length < 126 ? 2 : length === 126 ? 4 : 10;
  return liveFrameSchema.parse(JSON.parse(bytes.subarray(header).toString('utf8')));
};

/** The stream itself, and what each topic is by it. */
class Stream {
  readonly entries: { seq: number; message: LiveMessage }[] = [];
  readonly documents = new Map<string, LiveDocument>();
  life = 0;
  #seq = 0;
  #atMs = 1_000;

  /** As when the server that keeps it is gone: sequences begin again. */
  lose(): void {
    this.life += 1;
    this.entries.length = 0;
    this.documents.clear();
    this.#seq = 0;
  }

  say(topic: string, document: LiveDocument, isWhole: boolean): void {
    const before = this.documents.get(topic);
    this.#seq += 1;
    this.#atMs += 7;
    this.documents.set(topic, document);
    const patch = (diffPatch(before ?? {}, document) ?? {}) as Record<string, unknown>;
    const whole = isWhole || before === undefined;
    const message = {
      topic,
      atMs: this.#atMs,
      isReading: true,
      patch,
      ...(whole ? { state: document } : {}),
    };
    this.entries.push({ seq: this.#seq, message });
  }
}

class Gateway {
  /** Whose life of the stream it has heard of. */
  #life = 0;
  readonly history: LiveHistory;
  readonly clients = new Set<Client>();
  readonly #stream: Stream;
  #heard = 0;

  constructor(stream: Stream, limits = LIMITS) {
    this.#stream = stream;
    this.history = new LiveHistory(limits);
  }

  hear(count: number): void {
    if (this.#life !== this.#stream.life) {
      this.#life = this.#stream.life;
      this.#heard = 0;
      this.history.reset();
      for (const { viewer } of this.clients) for (const topic of TOPICS) viewer?.restart(topic);
    }
    for (const { seq, message } of this.#stream.entries.slice(this.#heard, this.#heard + count)) {
      this.#heard += 1;
      const heard = this.history.take(seq, message, seq);
      for (const client of this.clients) {
        const hears = client.viewer?.hears(message.topic) === true;
        if (heard.delta !== undefined && hears) client.receive(heard.delta);
        for (const topic of heard.forgotten) client.viewer?.restart(topic);
        client.begin(this.history);
      }
    }
  }
}

class Client {
  readonly view = new LiveView();
  viewer: Viewer | undefined;
  #gateway: Gateway | undefined;

  connect(gateway: Gateway): void {
    this.leave();
    this.#gateway = gateway;
    this.viewer = new Viewer(8, 0, undefined);
    gateway.clients.add(this);
    for (const topic of TOPICS) this.viewer.add(topic, this.view.position(topic));
    this.begin(gateway.history);
  }

  leave(): void {
    this.#gateway?.clients.delete(this);
    this.viewer = undefined;
  }

  begin(history: LiveHistory): void {
    for (let next = this.viewer?.begin(history); next !== undefined; next = this.viewer?.begin(history)) {
      next.frames.forEach((frame) => this.receive(frame));
    }
  }

  receive(frame: Buffer): void {
    this.view.receive(framesOf(frame));
  }
}

const leaf = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.string({ maxLength: 3 }),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const documentOf = (key: fc.Arbitrary<string>): fc.Arbitrary<LiveDocument> =>
  fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf)))), {
    noNullPrototype: true,
  });
const document = documentOf(fc.constantFrom('a', 'b', 'constructor', 'ü'));
const anyDocument = documentOf(fc.constantFrom('a', 'b', '__proto__', 'constructor'));
const step = fc.oneof(
  fc.record({
    do: fc.constant('say' as const),
    topic: fc.constantFrom(...TOPICS),
    document,
    isWhole: fc.boolean(),
  }),
  fc.record({ do: fc.constant('hear' as const), at: fc.nat(2), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('connect' as const), who: fc.nat(2), at: fc.nat(2) }),
  fc.record({ do: fc.constant('leave' as const), who: fc.nat(2) }),
  fc.record({ do: fc.constant('lose' as const) }),
);

it('applies what it tells apart, for any two documents', () => {
  fc.assert(
    fc.property(anyDocument, anyDocument, (before, after) => {
      const patch = diffPatch(before, after);
      if (patch === undefined) expect(after).toEqual(before);
      else expect(applyPatch(before, JSON.parse(JSON.stringify(patch)) as LivePatch)).toEqual(after);
      expect(diffPatch(after, structuredClone(after))).toBeUndefined();
    }),
  );
});

it.each([
  ['all is kept', LIMITS],
  ['next to nothing is kept', { ...LIMITS, maxBytes: 1_000 }],
  ['replays are short', { ...LIMITS, maxReplayBytes: 150 }],
])('gives every client the state of the stream, whatever the order, where %s', (_name, limits) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const stream = new Stream();
      const gateways = [0, 1, 2].map(() => new Gateway(stream, limits));
      const clients = [0, 1, 2].map(() => new Client());
      const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
      for (const each of steps) {
        if (each.do === 'say') stream.say(each.topic, each.document, each.isWhole);
        else if (each.do === 'hear') at(gateways, each.at).hear(each.count);
        else if (each.do === 'connect') at(clients, each.who).connect(at(gateways, each.at));
        else if (each.do === 'leave') at(clients, each.who).leave();
        else stream.lose();
      }
      // At rest: the publisher has said everything whole once more, all have heard all, all are connected.
      for (const [topic, last] of stream.documents) stream.say(topic, last, true);
      for (const gateway of gateways) gateway.hear(Infinity);
      clients.forEach((client, index) => client.connect(at(gateways, index)));
      for (const [topic, expected] of stream.documents) {
        for (const gateway of gateways) {
          const state = gateway.history.state(topic);
          if (state?.document !== undefined) expect(state.document).toEqual(expected);
        }
        clients.forEach((client, index) => {
          const known = at(gateways, index).history.state(topic);
          if (known?.document !== undefined) expect(client.view.document(topic)).toEqual(expected);
        });
      }
    }),
    { numRuns: 300 },
  );
});

it('replays exactly what was missed, and says so when it cannot', () => {
  const stream = new Stream();
  const [here, there] = [new Gateway(stream), new Gateway(stream)];
  const client = new Client();
  stream.say('status', { n: 0 }, true);
  here.hear(1);
  client.connect(here);
  client.leave();
  for (const n of [1, 2, 3]) stream.say('status', { n }, false);
  there.hear(4);
  const told = (after: ReturnType<LiveView['position']>): string[] => {
    const viewer = new Viewer(1, 0, undefined);
    viewer.add('status', after);
    return (viewer.begin(there.history)?.frames ?? []).map((frame) => framesOf(frame).type);
  };
  expect(told(client.view.position('status'))).toEqual(['resumed', 'delta', 'delta', 'delta']);
  expect(told(undefined)).toEqual(['snapshot']);
  expect(told({ seq: 99, atMs: 1 })).toEqual(['reset', 'snapshot']);
  // The same number in another life of the stream.
  expect(told({ seq: 1, atMs: 999 })).toEqual(['reset', 'snapshot']);
});

it('keeps no more than it may, by age and by bytes', () => {
  const limits = { keptMs: 1_000, maxBytes: 10_000, maxReplayBytes: 5_000 };
  const history = new LiveHistory(limits);
  let seq = 0;
  const say = (topic: string, nowMs: number): void => {
    seq += 1;
    const state = { text: 'x'.repeat(500), seq };
    history.take(seq, { topic, atMs: nowMs, isReading: true, patch: state, state }, nowMs);
    expect(history.bytes).toBeLessThanOrEqual(limits.maxBytes);
  };
  for (let turn = 0; turn < 200; turn += 1) say(`miner:p:${turn}`, 0);
  expect(history.state('miner:p:0')).toBeUndefined();
  expect(history.state('miner:p:199')).toBeDefined();
  say('status', 5_000);
  expect(history.state('miner:p:199')).toBeUndefined();
  expect(history.state('status')).toBeDefined();
});

it('lets a client say some things at once, and then few', () => {
  const viewer = new Viewer(1, 0, undefined);
  const said = (nowMs: number): number => {
    let count = 0;
    while (viewer.takeMessage(nowMs)) count += 1;
    return count;
  };
  expect(said(0)).toBe(40);
  expect(said(1_000)).toBeLessThanOrEqual(5);
  expect(said(60_000)).toBe(40);
});
