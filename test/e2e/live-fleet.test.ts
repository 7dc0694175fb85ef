/**
 * Two API gateways as processes of their own, on a real NATS server: one stream for the viewers of both, and those of
 * one that is killed go on at the other, with nothing missing and nothing twice.
 */
import { type LiveAlerts, type LiveFrame, liveFrameSchema } from '@otedama/contracts';
import { LiveView } from '@otedama/contracts/live';
import {
  type Scratch,
  describeWith,
  eventually,
  natsServerProgram,
  pause,
  scratchDirectory,
} from '@otedama/test-harness';

import { ApiFleet } from './api-fleet.ts';

const BLOCKS = 60;
const BETWEEN_BLOCKS_MS = 50;

/** A viewer that moves: it keeps what it knows, and requires every frame to follow the one before. */
class Viewer {
  readonly view = new LiveView();
  readonly heights: number[] = [];
  readonly told: LiveFrame['type'][] = [];
  isConnected = false;
  #socket: WebSocket | undefined;

  async connect(url: string): Promise<void> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/ws`);
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#hear(String(data)));
    socket.addEventListener('close', () => {
      this.isConnected = false;
    });
    await eventually('a greeting', () => this.isConnected);
    const after = this.view.position('alerts');
    const topics = [{ topic: 'alerts', ...(after && { after }) }];
    socket.send(JSON.stringify({ type: 'subscribe', topics }));
  }

  close(): void {
    this.#socket?.close();
  }

  #hear(text: string): void {
    const frame = liveFrameSchema.parse(JSON.parse(text));
    this.told.push(frame.type);
    this.view.receive(frame);
    if (frame.type === 'welcome') this.isConnected = true;
    if (frame.type !== 'delta') return;
    const { alerts } = frame.patch as LiveAlerts;
    this.heights.push(...Object.values(alerts).flatMap(({ height }) => height ?? []));
  }
}

describeWith('nats-server', natsServerProgram())('API gateways of one fleet', () => {
  let scratch: Scratch;
  let fleet: ApiFleet;
  const viewers = [new Viewer(), new Viewer()] as const;

  beforeAll(async () => {
    scratch = scratchDirectory('live-fleet');
    fleet = await ApiFleet.start({ dir: scratch.path, gateways: 2 });
  }, 60_000);
  afterAll(async () => {
    for (const viewer of viewers) viewer.close();
    await fleet?.[Symbol.asyncDispose]();
    scratch?.remove();
  }, 60_000);

  const findBlocks = async (): Promise<void> => {
    for (let height = 1; height <= BLOCKS; height += 1) {
      await fleet.find(height);
      await pause(BETWEEN_BLOCKS_MS);
    }
  };

  it('show the same, and who was at one that is killed misses nothing at the other', async () => {
    const [mover, stayer] = viewers;
    const [one, two] = fleet.gateways;
    if (one === undefined || two === undefined) throw new Error('two were started');
    await mover.connect(one.url);
    await stayer.connect(two.url);
    await eventually('both snapshots', () => viewers.every(({ told }) => told.includes('snapshot')));

    const finding = findBlocks();
    await eventually('some blocks', () => mover.heights.length >= 10);
    await one.process.kill();
    await eventually('the end of the connection', () => !mover.isConnected);
    const missedFrom = mover.heights.length;
    await eventually('blocks that it misses', () => stayer.heights.length >= missedFrom + 5);
    await mover.connect(two.url);
    await finding;

    await eventually('all blocks at both', () => viewers.every(({ heights }) => heights.length >= BLOCKS));
    const all = Array.from({ length: BLOCKS }, (_, index) => index + 1);
    expect(mover.heights).toEqual(all);
    expect(stayer.heights).toEqual(all);
    expect(mover.told.filter((type) => type === 'snapshot')).toHaveLength(1);
    expect(mover.told).toContain('resumed');
    expect(mover.view.document('alerts')).toEqual(stayer.view.document('alerts'));
    expect(mover.view.position('alerts')).toEqual(stayer.view.position('alerts'));
  }, 120_000);
});
