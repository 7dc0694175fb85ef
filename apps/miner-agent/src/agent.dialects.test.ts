import { readFileSync } from 'node:fs';
import { silentLogger } from '@otedama/contracts';
import type { Algorithm } from '@otedama/native';
import { type MinerAgent, type MinerAgentDeps, createMinerAgent } from './agent.ts';
import { PoolUrlError } from './pool/pool-client.ts';
import { FakePool } from './testing/fake-pool.ts';
import { createDeps, fates, until, untilFate, urlOf } from './testing/test-agent.ts';

interface Line {
  readonly dir: 'c2s' | 's2c';
  readonly msg: Readonly<Record<string, unknown>> & { readonly method?: string; readonly params?: unknown };
}

interface Session {
  readonly id: string;
  readonly messages: readonly Line[];
  readonly share?: { readonly nonce: string; readonly mix_hash: string };
}

/** A recorded session with some pool. */
const recorded = (file: string, id: string): Session => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: readonly Session[] };
  const found = cases.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no session ${id}`);
  return found;
};

const told = (lines: readonly Line[], method: string): Line['msg'] => {
  const line = lines.find(({ msg }) => msg.method === method);
  if (line === undefined) throw new Error(`no ${method}`);
  return line.msg;
};

/** Caches are built on the way, and this machine may have better things to do meanwhile. */
const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

const openPool = async (): Promise<FakePool> => {
  const pool = new FakePool();
  cleanUp.push(() => pool.close());
  return pool.listen();
};

const startAgent = async (
  deps: MinerAgentDeps,
  algorithm: Algorithm,
  ...urls: string[]
): Promise<MinerAgent> => {
  const agent = createMinerAgent(deps, {
    enabled: true,
    algorithm,
    upstreams: urls.map((url) => ({ url, user: 'addr.rig', password: 'x' })),
    agent: 'otedama/test',
    versionMask: 0,
  });
  cleanUp.push(() => agent.stop());
  await agent.start();
  return agent;
};

const hex = (text: unknown): Buffer => Buffer.from(String(text).replace(/^0x/, ''), 'hex');

describe('monero', () => {
  const lines = recorded('monero-stratum', 'session-3456046').messages;
  const loginReply = lines.find(({ dir }) => dir === 's2c')?.msg as {
    readonly result: { readonly id: string; readonly job: Readonly<Record<string, unknown>> };
  };
  const { params } = told(lines, 'submit') as {
    params: { readonly nonce: string; readonly result: string };
  };
  const share = { nonce: BigInt(hex(params.nonce).readUInt32LE()), hash: hex(params.result) };

  const openMonero = async (result: object = loginReply.result): Promise<FakePool> => {
    const pool = await openPool();
    pool.replies = { login: { result, error: null } };
    return pool;
  };

  it('takes a recorded job and sends its recorded share, checked, and nothing else', async () => {
    const pool = await openMonero();
    const { deps, device, registry } = createDeps();
    const agent = await startAgent(deps, 'randomx', urlOf(pool));
    const work = await device.works.take();
    expect(agent.status()).toMatchObject({ state: 'mining', algorithm: 'randomx' });
    const workId = work?.workId ?? 0;
    device.onShare({ ...share, workId, hash: Buffer.alloc(32) });
    await untilFate(registry, 'invalid');
    device.onShare({ ...share, workId });
    const { id, params: submitted } = await pool.submits.take();
    expect(submitted).toEqual({
      id: loginReply.result.id,
      job_id: '3',
      nonce: params.nonce,
      result: params.result,
    });
    pool.say({ id, jsonrpc: '2.0', error: null, result: { status: 'OK' } });
    await until(() => agent.status().shares.accepted === 1);
    expect(await fates(registry)).toEqual({ accepted: 1, invalid: 1 });
  });

  it('waits for the dataset, and says how far it is', async () => {
    const pool = await openMonero();
    const { deps, device } = createDeps();
    const agent = await startAgent(deps, 'randomx', urlOf(pool));
    device.state = { searching: false, reason: 'preparing the dataset, 12 %', notes: [] };
    await device.works.take();
    expect(agent.status()).toMatchObject({ state: 'waiting', reason: 'preparing the dataset, 12 %' });
    device.state = { searching: true, reason: 'at a fraction of the speed: …', notes: [] };
    expect(agent.status()).toMatchObject({ state: 'mining', reason: 'at a fraction of the speed: …' });
    device.state = { searching: true, reason: undefined, notes: [] };
    expect(agent.status().reason).toBeUndefined();
  });

  it('logs what a device has to say of its dataset once', async () => {
    const pool = await openMonero();
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (fields: unknown) => warnings.push(fields) };
    const { deps, device, time } = createDeps({ logger });
    await startAgent(deps, 'randomx', urlOf(pool));
    await device.works.take();
    device.state = { searching: true, reason: undefined, notes: ['a damaged file was built anew'] };
    for (let second = 0; second < 5; second++) time.advance(1_000);
    expect(warnings).toEqual([{ notes: ['a damaged file was built anew'] }]);
  });

  it('drops a share whose job goes while it is checked, and keeps back what cannot be checked', async () => {
    const pool = await openMonero();
    const { promise: pending, resolve: settle } = Promise.withResolvers<Uint8Array>();
    const answers = [pending, Promise.reject(new Error('no memory for 268435456 bytes'))];
    const errors: unknown[] = [];
    const { deps, device, registry } = createDeps({
      logger: { ...silentLogger, error: (fields: unknown) => errors.push(fields) },
    });
    const hashes = { ...deps.hashes, blob: () => answers.shift() ?? pending };
    await startAgent({ ...deps, hashes }, 'randomx', urlOf(pool));
    const first = await device.works.take();
    device.onShare({ ...share, workId: first?.workId ?? 0 });
    const blob = `${String(loginReply.result.job['blob']).slice(0, 14)}${'00'.repeat(69)}`;
    pool.say({ jsonrpc: '2.0', method: 'job', params: { ...loginReply.result.job, blob } });
    const second = await device.works.take();
    settle(share.hash);
    device.onShare({ ...share, workId: second?.workId ?? 0 });
    await until(() => errors.length > 0);
    expect(await fates(registry)).toEqual({ stale: 1, invalid: 1 });
    expect(pool.submits.size).toBe(0);
  });

  it('leaves a pool of another algorithm for the next', async () => {
    const job = { ...loginReply.result.job, algo: 'cn/r' };
    const other = await openMonero({ ...loginReply.result, job });
    const pool = await openMonero();
    const { deps, device, time } = createDeps();
    const agent = await startAgent(deps, 'randomx', urlOf(other), urlOf(pool));
    await until(() => agent.status().reason !== undefined);
    expect(agent.status().reason).toBe(`${urlOf(other)}: it gives work for another algorithm: cn/r`);
    time.advance(0);
    expect(await device.works.take()).toMatchObject({ jobId: '3', task: { kind: 'blob' } });
    expect(agent.status()).toMatchObject({ state: 'mining', pool: urlOf(pool) });
  });
});

describe.each([
  ['kawpow', 'kawpow', 'kawpow-stratum', 'testnet-250000', 'mining.submit', 'stratum'],
  [
    'EthereumStratum/1.0.0',
    'ethash',
    'ethereum-stratum',
    'nicehash-spec-session',
    'mining.submit',
    'stratum2',
  ],
  ['eth-proxy', 'ethash', 'ethereum-stratum', 'ethproxy-mainnet-46348', 'eth_submitWork', 'stratum1'],
] as const)('%s', (_, algorithm, file, id, method, scheme) => {
  it('takes a recorded job and sends its recorded share', async () => {
    const { messages: lines, share: found } = recorded(file, id);
    const submit = told(lines, method).params as readonly string[];
    const subscribed = lines.find(({ msg }) => Array.isArray(msg['result']))?.msg['result'];
    const pool = await openPool();
    const replies = { result: subscribed, error: null };
    pool.replies = { 'mining.subscribe': replies, eth_getWork: replies };
    pool.greeting = lines.flatMap(({ dir, msg }) =>
      dir === 's2c' && msg.method?.startsWith('mining.') === true ? [msg] : [],
    );
    const { deps, device, registry } = createDeps();
    await startAgent(deps, algorithm, urlOf(pool).replace('stratum', scheme));
    const work = await device.works.take();
    if (work?.task.kind !== 'seal') throw new Error('no header hash');
    const nonce = BigInt(`0x${found?.nonce ?? ''}`);
    const share = { workId: work.workId, nonce, hash: Buffer.alloc(32), mix: hex(found?.mix_hash) };
    device.onShare({ ...share, mix: Buffer.alloc(32) });
    await untilFate(registry, 'invalid');
    device.onShare(share);
    const { params } = await pool.submits.take();
    // The user is this agent's own.
    const own = method === 'mining.submit' ? ['addr.rig', ...submit.slice(1)] : submit;
    expect(params).toEqual(own);
    expect(await fates(registry)).toEqual({ invalid: 1 });
  });
});

describe('pool URLs', () => {
  it('name no protocol that the algorithm does not have', async () => {
    const { deps } = createDeps();
    const start = startAgent(deps, 'randomx', 'stratum1+tcp://127.0.0.1:1');
    await expect(start).rejects.toThrow(PoolUrlError);
  });
});
