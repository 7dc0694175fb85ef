/**
 * A fleet on one machine: NATS, PostgreSQL, Redis, two gateways, two validators and the rest, each a process of
 * its own. What miners were told is in the books, whoever dies meanwhile, and it ends in good order.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import type { ApiStatus } from '@otedama/contracts';
import {
  type BitcoinNode,
  type FleetUnderTest,
  type Ran,
  type Scratch,
  StratumMiner,
  eventually,
  runOtedama,
  scratchDirectory,
  startBitcoinNode,
  startFleet,
} from '@otedama/test-harness';
import { type PoolView, SOLO, createPoolView, soloPool } from './pool.fixture.ts';

const SERVICES = [
  'api-gateway',
  'miner-agent',
  'nats',
  'pool-accounting',
  'postgres',
  'redis',
  'share-validator-1',
  'share-validator-2',
  'stratum-gateway-1',
  'stratum-gateway-2',
];

const configOf = (node: BitcoinNode): string => `${soloPool(node)}
stratum: {vardiff: {initial_difficulty: 1e-9, minimum_difficulty: 1e-9, maximum_difficulty: 1e-9}}
`;

/** Those that run. One that has ended stays in the list until somebody has asked how. */
const living = (pids: readonly string[]): string[] => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,pid=', '-p', pids.join(',')], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('Z'));
};

describe('a fleet on one machine', () => {
  let scratch: Scratch;
  let node: BitcoinNode;
  let fleet: FleetUnderTest;
  const miners: StratumMiner[] = [];

  const start = (): Promise<FleetUnderTest> =>
    startFleet({ dataDir: `${scratch.path}/fleet`, config: configOf(node), ports: fleet?.ports });
  const connect = async (gateway: number, worker: string): Promise<StratumMiner> => {
    const port = fleet.ports.stratum[gateway] ?? 0;
    const miner = new StratumMiner({ port, user: `${SOLO.address}.${worker}`, inFlight: 1 });
    miners.push(miner);
    await eventually('work', () => miner.hasJob);
    return miner;
  };
  /** Of the fleet that runs now. */
  const pool = (): PoolView => createPoolView(fleet, SOLO.id);
  /** A command beside it. */
  const run = (words: readonly string[], input = ''): Ran =>
    runOtedama([...words, '--data-dir', fleet.dataDir], input);
  const booked = async (shares: number): Promise<void> => {
    await eventually(
      `${shares} shares are booked`,
      async () => (await pool().summary()).shares.accepted === shares,
    );
  };
  /** A job may end while its share is on the way: then another one is made. */
  const mineOne = (miner: StratumMiner): Promise<true | undefined> =>
    eventually('a share is accepted', async () =>
      (await miner.submit()).outcome === 'accepted' ? (true as const) : undefined,
    );

  beforeAll(async () => {
    scratch = scratchDirectory('fleet');
    node = await startBitcoinNode(`${scratch.path}/chain`);
    fleet = await start();
  }, 180_000);

  afterAll(async () => {
    for (const miner of miners) miner.close();
    await fleet?.[Symbol.asyncDispose]();
    await node?.stop();
    scratch?.remove();
  }, 180_000);

  it('has every process ready, each by its name', async () => {
    const { processes, supervisor } = await fleet.report();
    expect(processes.map(({ name }) => name).sort()).toEqual(SERVICES);
    expect(processes.map(({ state }) => state)).toEqual(SERVICES.map(() => 'ready'));
    expect(supervisor).toEqual({ pid: fleet.supervisor.pid, isRunning: true });
    for (const { health } of processes.filter((one) => one.name.startsWith('share-validator'))) {
      const metrics = await (await fetch(new URL('/metrics', health))).text();
      expect(metrics).toMatch(/otedama_host_health\{part="nats",service="share-validator"\} 1\n/);
    }
  });

  it('shows all of its validators and gateways as one', async () => {
    const { validator, gateway } = await fleet.get<ApiStatus>('/api/status');
    const instances = ['share-validator-1', 'share-validator-2'];
    expect(validator.validators).toEqual(instances.map((instance) => ({ instance })));
    const [pool] = validator.pools;
    expect(instances).toContain(pool?.leader);
    expect(pool?.daemons.map(({ instance, state }) => [instance, state])).toEqual(
      instances.map((instance) => [instance, 'up']),
    );
    expect(gateway.gateways?.map(({ instance }) => instance)).toEqual([
      'stratum-gateway-1',
      'stratum-gateway-2',
    ]);
  });

  it('books what miners of either gateway were told, and shows the block that one has found', async () => {
    const [first, second] = [await connect(0, 'one'), await connect(1, 'two')];
    for (let share = 0; share < 3; share++) {
      await mineOne(first);
      await mineOne(second);
    }
    await booked(6);
    // Two miners may find blocks of one height, of which the chain keeps one.
    const found = await eventually('a block that the chain has kept', async () => {
      for (const block of await pool().blocks()) {
        if ((await node.rpc.call<string>('getblockhash', block.height)) === block.hash) return block;
      }
      return undefined;
    });
    expect(found).toMatchObject({ state: 'immature', finder: expect.stringContaining(SOLO.address) });
  }, 120_000);

  it('writes down what was changed through its API, wherever that took effect, and finds the log whole', async () => {
    const answer = await fetch(`${fleet.api}/api/mining/stop`, { method: 'POST' });
    expect(answer.status).toBe(200);
    const audit = (...args: readonly string[]): string => run(['audit', ...args]).stdout;
    await eventually('the chain has it', () => audit('list', '--action', 'mining').includes('mining.stop'));
    expect(audit('verify')).toContain('the audit log is whole: 1 entry');
  }, 60_000);

  it('sends an address away from every gateway by a command beside it, and lets it in again', async () => {
    const localAddress = '127.0.0.9';
    const stranger = (gateway: number): StratumMiner => {
      const port = fleet.ports.stratum[gateway] ?? 0;
      const miner = new StratumMiner({ port, user: `${SOLO.address}.x`, inFlight: 1, localAddress });
      miners.push(miner);
      return miner;
    };
    const bans = (...args: readonly string[]): string => run(['bans', ...args]).stdout;
    const inside = [stranger(0), stranger(1)];
    await eventually('work for both', () => inside.every(({ hasJob }) => hasJob));
    expect(bans('add', localAddress)).toBe('127.0.0.9 is kept out until it is removed\n');
    await Promise.all(inside.map(({ closed }) => closed));
    await Promise.all([stranger(0).closed, stranger(1).closed]);
    expect(bans('remove', localAddress)).toBe('127.0.0.9 is let in again\n');
    // Each gateway hears of it from Redis.
    for (const gateway of [0, 1]) {
      await eventually('work again', async () => {
        const miner = stranger(gateway);
        await Promise.race([miner.closed, eventually('work', () => miner.hasJob)]);
        return miner.hasJob;
      });
    }
  }, 60_000);

  it('lets an admin in, who was made beside it', async () => {
    const input = 'nine lively cats 42\n';
    const made = run(['access', 'admin', 'ann'], input);
    expect([made.status, made.stdout]).toEqual([0, expect.stringContaining('ann may log in as an admin')]);
    const login = await fetch(`${fleet.api}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ann', password: input.trim() }),
    });
    const { accessToken } = (await login.json()) as { accessToken: string };
    const headers = { authorization: `Bearer ${accessToken}` };
    const users = (): Promise<Response> => fetch(`${fleet.api}/api/v1/users`, { headers });
    await expect((await users()).json()).resolves.toMatchObject([{ name: 'ann', role: 'admin' }]);
    await fetch(`${fleet.api}/api/v1/session`, { method: 'DELETE', headers });
    expect((await users()).status).toBe(401);
  }, 60_000);

  it('goes on when a validator and a gateway are killed, which run again', async () => {
    const survivor = await connect(1, 'three');
    const validator = await fleet.signal('share-validator-1', 'SIGKILL');
    const gateway = await fleet.signal('stratum-gateway-1', 'SIGKILL');
    await mineOne(survivor);
    await fleet.replaced('share-validator-1', validator);
    await fleet.replaced('stratum-gateway-1', gateway);
    await mineOne(await connect(0, 'four'));
    await booked(8);
    expect((await fleet.process('stratum-gateway-1')).restarts).toBe(1);
  }, 120_000);

  it('keeps the log of a process within its size while that goes on', async () => {
    const { log } = await fleet.process('stratum-gateway-2');
    appendFileSync(log, `${'x'.repeat(1_023)}\n`.repeat(17 * 1_024));
    await eventually(
      'an older log',
      () => (statSync(`${log}.1`, { throwIfNoEntry: false })?.size ?? 0) > 16 << 20,
    );
    const pid = await fleet.signal('stratum-gateway-2', 'SIGTERM');
    await fleet.replaced('stratum-gateway-2', pid);
    // What it said since then, and nothing before it.
    expect(readFileSync(log, 'utf8')).toMatch(/^\{"level"/);
  }, 60_000);

  it('shows the loss of NATS, and heals', async () => {
    const nats = await fleet.signal('nats', 'SIGKILL');
    await fleet.replaced('nats', nats);
    await fleet.ready();
    await mineOne(await connect(0, 'five'));
    await booked(9);
  }, 120_000);

  it('is one to a directory', async () => {
    await expect(fleet.command('up')).rejects.toThrow(/is in use by another Otedama/);
  }, 60_000);

  it('lives without its supervisor, and a new one goes on with its data', async () => {
    await fleet.supervisor.kill();
    const orphans = (await fleet.report()).processes.filter(({ state }) => state === 'ready');
    expect(orphans).toHaveLength(SERVICES.length);
    await mineOne(await connect(0, 'six'));
    await booked(10);
    const before = await pool().blocks();
    fleet = await start();
    expect(fleet.supervisor.output).toContain('ended what an earlier fleet had left');
    const pids = orphans.map(({ pid }) => String(pid));
    expect(living(pids)).toEqual([]);
    const hashes = (await pool().blocks()).map(({ hash }) => hash);
    expect(hashes).toEqual(expect.arrayContaining(before.map(({ hash }) => hash)));
    await booked(10);
    await mineOne(await connect(0, 'seven'));
    await booked(11);
  }, 180_000);

  it('drains on SIGTERM: every process ends by itself', async () => {
    const { processes } = await fleet.report();
    await fleet.stop();
    expect(await fleet.supervisor.exited).toEqual({ code: 0, signal: null });
    expect(fleet.supervisor.output).not.toContain('is killed');
    const pids = processes.map(({ pid }) => String(pid));
    expect(living(pids)).toEqual([]);
    await expect(fleet.command('status')).rejects.toThrow(/no fleet runs in/);
  }, 120_000);
});
