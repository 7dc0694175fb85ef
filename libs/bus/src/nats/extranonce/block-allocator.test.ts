import { silentLogger } from '@otedama/contracts';
import {
  type ServerProcess,
  type Scratch,
  describeWith,
  eventually,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import {
  type BlockAllocator,
  type BlockAllocatorOptions,
  type NatsLink,
  connectNats,
  createBlockAllocator,
  ensureStreams,
} from '../index.ts';

describeWith('nats-server', natsServerProgram())('blocks of extranonces', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  let link: NatsLink;
  let skipMs = 0;
  const allocators: BlockAllocator[] = [];
  const open = (holder: string, options: Partial<BlockAllocatorOptions> = {}): BlockAllocator => {
    const deps = { link, logger: silentLogger, monotonicMs: () => performance.now() + skipMs };
    const allocator = createBlockAllocator(deps, { bytes: 2, holder, ...options });
    allocators.push(allocator);
    return allocator;
  };

  beforeEach(async () => {
    skipMs = 0;
    scratch = scratchDirectory('extranonce');
    nats = await startNats({ dir: scratch.path });
    link = await connectNats({ servers: [nats.url], name: 'gateway' }, { logger: silentLogger });
    await ensureStreams(link);
  });
  afterEach(async () => {
    for (const allocator of allocators.splice(0)) allocator.stop();
    await link.close();
    await nats[Symbol.asyncDispose]();
    scratch.remove();
  });

  it('gives ten gateways that ask at once what is theirs alone', async () => {
    const gateways = Array.from({ length: 10 }, (_, n) => open(`g${n}`));
    const blocks = await Promise.all(gateways.flatMap((gateway) => [gateway.take(), gateway.take()]));
    const firsts = blocks.map(({ first }) => first).toSorted((a, b) => a - b);
    expect(firsts).toEqual(Array.from({ length: 20 }, (_, n) => n * 256));
    expect(blocks.every(({ size, bytes }) => size === 256 && bytes === 2)).toBe(true);
    // Spaces of other widths are apart.
    expect(await open('g0', { bytes: 3 }).take()).toEqual({ bytes: 3, first: 0, size: 4_096 });
  });

  it('skips what a gateway that ended has listed, until the grace is over', async () => {
    const old = open('old');
    await old.take();
    old.stop();
    const next = open('next');
    for (let n = 1; n < 256; n++) expect((await next.take()).first).toBe(n * 256);
    await expect(next.take()).rejects.toMatchObject({ code: 'EXTRANONCE_EXHAUSTED' });
    skipMs = 16 * 60_000;
    expect(await next.take()).toMatchObject({ first: 0 });
  });

  it('does not count a time without connection as silence of the others', async () => {
    await open('other').take();
    const gateway = open('gateway');
    await gateway.take();
    await nats.kill();
    await eventually('the loss', () => link.state().state === 'down');
    await expect(gateway.take()).rejects.toMatchObject({ code: 'DISCONNECTED' });
    skipMs = 60 * 60_000;
    await nats.start();
    await eventually('the return', () => link.state().state === 'up');
    // The other has not renewed yet, and its block is still its own.
    for (let n = 2; n < 256; n++) expect((await gateway.take()).first).toBe(n * 256);
    await expect(gateway.take()).rejects.toMatchObject({ code: 'EXTRANONCE_EXHAUSTED' });
  });

  it('keeps a block for as long as sessions of it live anywhere', async () => {
    const [first, second, third] = [open('first'), open('second'), open('third')];
    const block = await first.take();
    expect(await first.isShared(block.first)).toBe(false);
    await second.join(block.first);
    expect(await first.isShared(block.first)).toBe(true);
    await first.leave(block.first);
    for (let n = 1; n < 256; n++) expect((await third.take()).first).not.toBe(block.first);
    await expect(third.take()).rejects.toMatchObject({ code: 'EXTRANONCE_EXHAUSTED' });
    // What it joined is not its own to hand out.
    await expect(second.take()).rejects.toMatchObject({ code: 'EXTRANONCE_EXHAUSTED' });
    await second.leave(block.first);
    expect((await third.take()).first).toBe(block.first);
  });

  it('renews what it holds, and says when it is held no more', async () => {
    let isLost = false;
    const gateway = open('gateway', { graceMs: 2_000, renewMs: 20, onLost: () => (isLost = true) });
    await gateway.take();
    const seen: number[] = [];
    const watching = link.connection.subscribe('kept.$KV.EXTRANONCE.>', {
      callback: () => void seen.push(1),
    });
    await eventually('renewals', () => seen.length >= 3);
    watching.unsubscribe();
    expect(isLost).toBe(false);
    nats.freeze();
    await eventually('the loss', () => isLost);
    nats.thaw();
    await eventually('a new block', () => gateway.take().catch(() => undefined));
  });
});
