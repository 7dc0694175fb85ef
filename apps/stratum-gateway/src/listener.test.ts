import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { GatewayController } from './gateway.controller.ts';
import { StratumGatewayModule } from './stratum-gateway.module.ts';
import { cert, key } from './testing/certificate.ts';
import { POOL, TestGateway, poolConfig } from './testing/test-gateway.ts';
import { until } from './testing/until.ts';

let pool: TestGateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otedama-gateway-'));
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => pool.close());

const securePool = () =>
  poolConfig({}, { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') });

describe('TLS', () => {
  it('serves a miner that checks the certificate', async () => {
    pool = await new TestGateway({ pools: [securePool()] }).start();
    const miner = pool.connect({ tls: true });
    expect(await miner.share({ job: await miner.ready() })).toMatchObject({ result: true });
  });

  it('serves on after plain text', async () => {
    pool = await new TestGateway({ pools: [securePool()] }).start();
    const plain = pool.connect();
    plain.socket.write('{"id":1,"method":"mining.subscribe","params":[]}\n');
    // What is said back is a TLS alert, no JSON.
    plain.socket.removeAllListeners('data').resume();
    await plain.closed;
    expect(await pool.connect({ tls: true }).ready()).toBe('1a00');
  });

  it('takes plain miners on the same port where that is allowed', async () => {
    const { stratum } = securePool();
    pool = await new TestGateway({
      pools: [poolConfig({ stratum: { ...stratum, allowPlain: true } })],
    }).start();
    for (const tls of [true, false]) {
      const miner = pool.connect({ tls });
      expect(await miner.share({ job: await miner.ready(), nonce: tls ? 1 : 2 })).toMatchObject({
        result: true,
      });
    }
  });

  it('stops although somebody never finished the handshake', async () => {
    pool = await new TestGateway({ pools: [securePool()], limits: { byeMs: 10 } }).start();
    const silent: Socket = connect(pool.portOf(POOL), '127.0.0.1');
    const closed = new Promise((resolve) => silent.on('close', resolve));
    await new Promise((resolve) => silent.once('connect', resolve));
    await pool.connect({ tls: true }).ready();
    await pool.gateway.stop();
    await closed;
  });
});

describe('start', () => {
  it('names pool, address and reason when the port is taken, and leaves no other pool listening', async () => {
    pool = await new TestGateway().start();
    const taken = pool.portOf(POOL);
    const short = await new TestGateway().start();
    const free = short.portOf(POOL);
    await short.close();
    const pools = [poolConfig({ id: 'btc-free' }, undefined, free), poolConfig({}, undefined, taken)];
    const failing = new TestGateway({ pools });
    await expect(failing.listen()).rejects.toMatchObject({
      code: 'STRATUM_LISTEN',
      message: `Pool ${POOL} cannot listen on 127.0.0.1:${taken}: the address is already in use.`,
    });
    expect(failing.gateway.status().listen).toEqual([]);
    const again = new TestGateway({ pools: [poolConfig({}, undefined, free)] });
    await again.listen();
    expect(again.portOf(POOL)).toBe(free);
    await again.close();
  });

  it('serves each pool on a port of its own, with extranonces that are unique over all', async () => {
    pool = new TestGateway({ pools: [poolConfig(), poolConfig({ id: 'btc-other' })] });
    pool.offer({ poolId: 'btc-other', jobKey: 0x77 });
    await pool.start();
    const here = pool.connect();
    const there = pool.connect({ poolId: 'btc-other' });
    const logins = [await here.login(), await there.login()];
    expect(new Set(logins.map(({ extranonce1 }) => extranonce1)).size).toBe(2);
    expect([await here.job(), await there.job()]).toEqual(['1a00', '7700']);
    await there.share({ job: '7700' });
    expect(pool.validation.calls[0]?.poolId).toBe('btc-other');
  });
});

describe('stop', () => {
  it('says goodbye and waits for no miner that stays', async () => {
    pool = await new TestGateway({ limits: { byeMs: 10 } }).start();
    const stays = connect({ port: pool.portOf(POOL), host: '127.0.0.1', allowHalfOpen: true });
    const ended = new Promise((resolve) => stays.on('end', resolve));
    stays.resume();
    await until('it is in', () => pool.gateway.status().sessions === 1);
    await pool.gateway.stop();
    await ended;
    stays.destroy();
  });

  it('may be called before start, and twice', async () => {
    pool = new TestGateway();
    await pool.gateway.stop();
    await pool.gateway.stop();
    expect(pool.gateway.status().sessions).toBe(0);
  });
});

describe('module', () => {
  it('answers the status query', async () => {
    pool = await new TestGateway().start();
    await pool.connect().ready();
    const module = StratumGatewayModule.register(pool.gateway);
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    expect(app.get(GatewayController).status()).toEqual({
      listen: [
        {
          poolId: POOL,
          address: `127.0.0.1:${pool.portOf(POOL)}`,
          tls: 'none',
          initialDifficulty: 1,
          minimumDifficulty: 1,
          maximumDifficulty: 1,
        },
      ],
      sessions: 1,
      pools: [{ poolId: POOL, sessions: 1, workers: 1, jobHeight: 100, rejectedByReason: {} }],
    });
    await app.close();
  });
});
