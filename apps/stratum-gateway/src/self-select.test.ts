import { findCoin } from '@otedama/chain-params';
import { createSecret } from '@otedama/config';
import { type CryptonoteTemplate, templateSubject } from '@otedama/contracts';
import { POOL, TestGateway, poolConfig } from './testing/test-gateway.ts';
import type { TestMiner } from './testing/test-miner.ts';

const monero = findCoin('monero', 'regtest');
if (monero === undefined) throw new Error('no coin');
const ADDRESS =
  '42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDm';

/** No blob is ever made of it: the miner brings one. */
const template: CryptonoteTemplate = {
  family: 'cryptonote',
  poolId: POOL,
  jobKey: 0x1a,
  height: 100,
  networkTarget: 2n ** 256n - 1n,
  cleanJobs: true,
  createdAtMs: 0,
  majorVersion: 16,
  prevId: new Uint8Array(32).fill(1),
  seedHash: new Uint8Array(32).fill(2),
  nextSeedHash: undefined,
  header: new Uint8Array(43),
  nonceOffset: 39,
  minerTxVersion: 2,
  minerTxPrefix: new Uint8Array(),
  minerTxSuffix: new Uint8Array(),
  extraNonceBytes: 16,
  merkleBranch: new Uint8Array(),
  txCount: 1,
  txHashes: new Uint8Array(),
};

let pool: TestGateway;
let miner: TestMiner;

const call = async (id: number, method: string, params: object): Promise<Record<string, unknown>> => {
  miner.socket.write(`${JSON.stringify({ id, jsonrpc: '2.0', method, params })}\n`);
  return JSON.parse((await miner.take((said) => said.id === id)).line) as Record<string, unknown>;
};

const bring = (id: number, blob: string) =>
  call(id, 'block_template', {
    job_id: '1a00',
    blob,
    height: 100,
    difficulty: 1,
    prev_hash: '01'.repeat(32),
    seed_hash: '02'.repeat(32),
  });

beforeEach(async () => {
  const config = poolConfig({ coin: monero, payoutAddress: ADDRESS, viewKey: createSecret('00'.repeat(32)) });
  pool = new TestGateway({ pools: [config] });
  pool.bus.publish(templateSubject(POOL), template);
  await pool.listen();
  miner = pool.connect();
  const answer = await call(1, 'login', { login: ADDRESS, agent: 'XMRig/6', mode: 'self-select' });
  expect(answer).toMatchObject({ result: { job: { pool_wallet: ADDRESS } } });
});

afterEach(() => pool.close());

it('takes a miner’s template to the validator, longer than any other line', async () => {
  expect(await bring(2, 'ab'.repeat(60_000))).toMatchObject({ error: null, result: { status: 'OK' } });
  const [brought] = pool.validation.templates;
  expect(brought).toMatchObject({ poolId: POOL, jobKey: 0x1a });
  expect(brought?.extraNonce).toHaveLength(8);
  expect(brought?.blob).toHaveLength(60_000);
});

it('tells the miner why its template is refused', async () => {
  pool.validation.judgeTemplate = () => Promise.resolve({ ok: false, stale: false, reason: 'no block' });
  expect(await bring(2, 'abcd')).toMatchObject({
    error: { code: -1, message: 'Block template is refused: no block' },
  });
  pool.validation.judgeTemplate = () => Promise.resolve({ ok: false, stale: true, reason: 'too late' });
  expect(await bring(3, 'abcd')).toMatchObject({
    error: { message: expect.stringMatching(/too late$/) as string },
  });
});

it('answers also when nobody can judge it', async () => {
  pool.validation.judgeTemplate = () => Promise.reject(new Error('gone'));
  expect(await bring(2, 'abcd')).toMatchObject({
    error: { message: 'Block template could not be checked' },
  });
});

it('takes no line that is longer than a template', async () => {
  miner.socket.write(`{"id":2,"method":"block_template","params":{"blob":"${'ab'.repeat(70_000)}`);
  await miner.closed;
  expect(pool.validation.templates).toEqual([]);
});
