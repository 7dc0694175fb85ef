import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFENCE_DEFAULTS, type DefenceConfig } from '@otedama/config';
import { type Prefix, parsePrefix } from '@otedama/edge';
import { cert, key } from '../testing/certificate.ts';
import { POOL, TestGateway, type TestGatewayOptions, poolConfig } from '../testing/test-gateway.ts';
import type { MinerOptions } from '../testing/test-miner.ts';
import { turns, until } from '../testing/until.ts';

let pool: TestGateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otedama-door-'));
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => pool.close());

const ranges = (...texts: string[]): Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? []);

const start = async (defence: Partial<DefenceConfig>, over: TestGatewayOptions = {}): Promise<void> => {
  pool = await new TestGateway({ defence, ...over }).start();
};

/** What it hears before it is gone. */
const refusalOf = async (options: MinerOptions = {}): Promise<string> => {
  const miner = pool.connect(options);
  await miner.closed;
  return miner.inbox.map(({ error }) => error?.[1]).join() || 'nothing';
};

const refused = (reason: string): Promise<number> => pool.metric('refused_total', { reason });

const proxyProtocol = (required = true) => ({ trusted: ranges('127.0.0.0/28'), required });
const v1 = (source: string): string => `PROXY TCP4 ${source} 127.0.0.1 50000 3333\r\n`;
const v2 = (command: string, family: string, block: string): Buffer =>
  Buffer.from(
    `0d0a0d0a000d0a515549540a${command}${family}${(block.length / 2).toString(16).padStart(4, '0')}${block}`,
    'hex',
  );
/** 192.0.2.9, with a field of no interest behind the addresses. */
const V2 = v2('21', '11', 'c00002097f000001c3500d0504000401020304');

describe('behind a proxy', () => {
  const deny = ranges('192.0.2.7');

  it('the address that it names is the one that counts, and the proxy itself may be anybody’s', async () => {
    await start({
      deny,
      proxyProtocol: proxyProtocol(),
      address: { ...DEFENCE_DEFAULTS.address, connections: 1 },
    });
    expect(await refusalOf({ preface: v1('192.0.2.7') })).toBe('Your address may not connect to this pool');
    for (const source of ['192.0.2.8', '192.0.2.10']) {
      const miner = pool.connect({ preface: v1(source) });
      expect(await miner.share({ job: await miner.ready(), nonce: Number(source.at(-1)) })).toMatchObject({
        result: true,
      });
    }
    const another = pool.connect({ preface: V2 });
    await another.ready();
    expect(await refusalOf({ preface: V2 })).toMatch(/^Too many connections from your address/);
    expect(await refused('address-connections')).toBe(1);
  });

  it('the header may come byte by byte, and with the first request behind it', async () => {
    await start({ proxyProtocol: proxyProtocol() });
    for (const header of [Buffer.from(v1('192.0.2.8')), V2]) {
      const slow = pool.connect();
      for (const byte of header) {
        slow.socket.write(Buffer.of(byte));
        await turns(2);
      }
      await slow.ready();
      const quick = pool.connect({
        preface: Buffer.concat([header, Buffer.from('{"id":77,"method":"mining.ping","params":[]}\n')]),
      });
      expect((await quick.reply(77)).result).toBe('pong');
    }
  });

  it('stands before TLS, on a port for TLS and on one for both', async () => {
    const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
    for (const allowPlain of [false, true]) {
      const { stratum } = poolConfig({}, tls);
      await start(
        { deny, proxyProtocol: proxyProtocol() },
        { pools: [poolConfig({ stratum: { ...stratum, allowPlain } })] },
      );
      for (const preface of [v1('192.0.2.8'), V2]) {
        const miner = pool.connect({ tls: true, preface });
        await miner.ready();
      }
      if (allowPlain) await pool.connect({ preface: V2 }).ready();
      expect(await refusalOf({ tls: true, preface: v1('192.0.2.7') })).toBe('nothing');
      expect(await refused('denied')).toBe(1);
      await pool.close();
    }
    await start({});
  });

  it('a look at our health is let in as the proxy’s own, and may leave without a word', async () => {
    await start({ proxyProtocol: proxyProtocol() });
    for (const preface of [v2('20', '00', ''), 'PROXY UNKNOWN\r\n']) {
      expect((await pool.connect({ preface }).call('mining.ping', [])).result).toBe('pong');
    }
    const silent = pool.connect();
    silent.socket.end();
    await silent.closed;
    expect(await refused('proxy-header-missing')).toBe(0);
  });

  it('is refused without a header, with a broken one, and when it does not come', async () => {
    await start({ proxyProtocol: proxyProtocol() }, { limits: { proxyHeaderTimeoutMs: 50 } });
    const plain = '{"id":1,"method":"mining.ping","params":[]}\n';
    expect(await refusalOf({ preface: plain })).toMatch(/must begin with a PROXY header/);
    expect(await refusalOf({ preface: 'PROXY TCP4 192.0.2.300 127.0.0.1 1 2\r\n' })).toMatch(/not valid/);
    expect(await refusalOf({ preface: 'PROXY TCP4 192' })).toMatch(/must begin with a PROXY header/);
    expect(await refusalOf()).toMatch(/must begin with a PROXY header/);
    expect([await refused('proxy-header-missing'), await refused('proxy-header-invalid')]).toEqual([3, 1]);
  });

  it('may leave the header out where it is not required, and counts as itself then', async () => {
    const options = { limits: { proxyHeaderTimeoutMs: 50 } };
    await start({ deny: ranges('127.0.0.2'), proxyProtocol: proxyProtocol(false) }, options);
    await pool.connect().ready();
    await pool.connect({ preface: v1('192.0.2.8') }).ready();
    expect(await refusalOf({ from: '127.0.0.2', preface: '{' })).toMatch(/may not connect/);
    const late = pool.connect();
    await until('its time is over', async () => (await pool.gauge('connections')) === 3);
    await new Promise((resolve) => setTimeout(resolve, 80));
    await late.ready();
  });
});

describe('a PROXY header from elsewhere', () => {
  it.each([
    ['version 1', v1('192.0.2.8')],
    ['version 2', V2],
  ])('of %s is not believed, and ends the connection with a word', async (_version, preface) => {
    await start({ proxyProtocol: proxyProtocol() });
    const from = '127.0.0.77';
    expect(await refusalOf({ from, preface })).toMatch(/^This address may not send a PROXY header/);
    expect(await pool.metric('faults_total', { reason: 'proxy-header' })).toBe(1);
    await pool.connect({ from }).ready();
  });
});

describe('the lists', () => {
  it('keep out, let in without budgets, and let in nobody else', async () => {
    const address = { ...DEFENCE_DEFAULTS.address, connections: 1 };
    await start({ allow: ranges('127.0.0.0/29'), deny: ranges('127.0.0.3'), onlyAllowed: true, address });
    for (let i = 0; i < 3; i++) await pool.connect({ from: '127.0.0.2' }).ready();
    expect(await refusalOf({ from: '127.0.0.3' })).toBe('Your address may not connect to this pool');
    expect(await refusalOf({ from: '127.0.0.8' })).toBe('Your address may not connect to this pool');
    expect([await refused('denied'), await refused('not-allowed')]).toEqual([1, 1]);
  });
});

describe('budgets', () => {
  it('of an address and of its network end at the door, and accepted shares widen them', async () => {
    const address = { ...DEFENCE_DEFAULTS.address, connections: 2 };
    await start({ address, network: { connections: 3, connectionsPerSecond: 1_000 } });
    const from = '127.1.0.1';
    const first = pool.connect({ from });
    await pool.connect({ from }).ready();
    const job = await first.ready();
    expect(await refusalOf({ from })).toBe('Too many connections from your address, come again in a minute');
    await pool.connect({ from: '127.1.0.2' }).ready();
    expect(await refusalOf({ from: '127.1.0.3' })).toMatch(/^Too many connections/);
    await pool.connect({ from: '127.1.1.1' }).ready();
    for (const nonce of [1, 2]) await first.share({ job, nonce });
    for (let i = 0; i < 3; i++) await pool.connect({ from }).ready();
    expect(await refusalOf({ from })).toMatch(/^Too many connections/);
    expect([await refused('address-connections'), await refused('network-connections')]).toEqual([2, 1]);
    expect(await pool.gauge('proven_connections')).toBe(1);
  });

  it('of new connections are refused in bulk, and the peer that keeps to them is not', async () => {
    await start({ address: { ...DEFENCE_DEFAULTS.address, connectionsPerSecond: 2 } });
    const flood = Array.from({ length: 60 }, () => pool.connect({ from: '127.1.0.1' }));
    await until('most were refused', async () => (await refused('address-rate')) >= 38);
    expect(flood.filter(({ isClosed }) => isClosed).length).toBeLessThanOrEqual(40);
    expect(await pool.connect({ from: '127.2.0.1' }).ready()).toBe('1a00');
  });

  it('of workers and accounts are answered, without a fault of the miner', async () => {
    await start({ address: { ...DEFENCE_DEFAULTS.address, workers: 2 } });
    const [first, second] = [pool.connect(), pool.connect()];
    await first.ready();
    await second.ready('b');
    const user = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080.c';
    const { error } = await second.call('mining.authorize', [user, 'x']);
    expect(error).toEqual([24, 'Too many workers without shares from your address', null]);
    await first.share({ job: '1a00' });
    expect(await second.call('mining.authorize', [user, 'x'])).toMatchObject({ result: true });
  });
});

describe('a full house', () => {
  it('tells who it has no place for, and sends away who takes long to log in', async () => {
    const limits = { handshakePatienceMs: 100 };
    await start({ reserveShare: 0 }, { stratum: { maxConnections: 2 }, limits });
    const worker = pool.connect();
    await worker.ready();
    const slow = connect(pool.portOf(POOL), '127.0.0.1');
    const gone = new Promise((resolve) => slow.on('close', resolve));
    await until('it is in', () => pool.gateway.status().sessions === 2);
    expect(await refusalOf()).toBe('The pool takes no further connections now, come again in a minute');
    await new Promise((resolve) => setTimeout(resolve, 110));
    await pool.connect().ready();
    await gone;
    expect(await pool.metric('closed_total', { reason: 'slow-handshake' })).toBe(1);
    expect(await worker.call('mining.ping', [])).toMatchObject({ result: 'pong' });
  });

  it('keeps places for addresses that have worked', async () => {
    await start({ reserveShare: 0.5 }, { stratum: { maxConnections: 4 } });
    const worker = pool.connect({ from: '127.1.0.1' });
    await worker.share({ job: await worker.ready() });
    await pool.connect({ from: '127.2.0.1' }).ready();
    expect(await refusalOf({ from: '127.3.0.1' })).toMatch(/takes no further connections/);
    for (let i = 0; i < 2; i++) await pool.connect({ from: '127.1.0.1' }).ready();
    expect(await refusalOf({ from: '127.1.0.1' })).toMatch(/takes no further connections/);
  });

  it('tells no more refused peers at a time than it can afford; the others are just gone', async () => {
    await start({ deny: ranges('127.1.0.1') }, { limits: { maxFarewells: 3, byeMs: 60_000 } });
    const told = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const options = { host: '127.0.0.1', localAddress: '127.1.0.1', allowHalfOpen: true };
        const half = connect({ port: pool.portOf(POOL), ...options }).resume();
        await new Promise((resolve) => half.once('end', resolve));
        return half;
      }),
    );
    expect(await refusalOf({ from: '127.1.0.1' })).toBe('nothing');
    for (const half of told) half.destroy();
    await until('they are gone', async () => (await refusalOf({ from: '127.1.0.1' })) !== 'nothing');
  });
});
