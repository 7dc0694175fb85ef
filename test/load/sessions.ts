/**
 * Ten thousand sessions on one gateway, as JSON: memory for each, what they cost while nothing happens, and how
 * long after the first socket the others hear of a new block, beside the least that Node can do in the same run.
 * With `--storm` also their return: the gateway is killed, and all of them go on at another one.
 *
 *   node test/load/sessions.ts [--sessions 10000] [--blocks 10] [--idle-seconds 10] [--storm]
 *
 * Needs so many open files in each of its processes (`ulimit -n`).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startNats } from '../harness/src/nats-server.ts';
import { scratchDirectory } from '../harness/src/places.ts';
import { startRedis } from '../harness/src/redis-server.ts';
import type { GatewayCommand, GatewaySample } from './gateway-process.ts';

const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const CONNECTS_AT_ONCE = 100;
const STORM_MS = 10_000;
const PASSING = 500;

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    blocks: { type: 'string', default: '10' },
    'idle-seconds': { type: 'string', default: '10' },
    storm: { type: 'boolean', default: false },
  },
});
const sessions = Number(values.sessions);

class Gateway {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(role: 'gateway' | 'floor', env: Record<string, string> = {}): Promise<Gateway> {
    const child = fork(new URL('gateway-process.ts', import.meta.url), {
      execArgv: ['--expose-gc', '--no-warnings'],
      env: { ...process.env, OTEDAMA_LOAD_ROLE: role, ...env },
    });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new Gateway(child, port);
  }

  tell(kind: GatewayCommand['kind']): void {
    this.#child.send({ kind });
  }

  async sample(): Promise<GatewaySample> {
    this.tell('sample');
    const [taken] = (await once(this.#child, 'message')) as [GatewaySample];
    return taken;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

interface Session {
  readonly id: string;
  readonly extranonce1: string;
}

/** Reads no more than it must: what it does with a processor is taken from the gateway. */
class Miner {
  readonly socket: Socket;
  /** When the last bytes came. */
  heardAtMs = 0;
  isClosed = false;
  #text = '';
  #wanted: { readonly text: string; readonly found: (text: string) => void } | undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.heardAtMs = performance.now();
      if (this.#wanted === undefined) return;
      this.#text += chunk.toString('latin1');
      if (!this.#text.includes(this.#wanted.text)) return;
      this.#wanted.found(this.#text);
      this.#wanted = undefined;
      this.#text = '';
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#wanted?.found('');
    });
  }

  hear(text: string): Promise<string> {
    return new Promise((found) => {
      this.#wanted = { text, found };
    });
  }

  /** Undefined: it was cut off. */
  async login(worker: number, sessionId?: string): Promise<Session | undefined> {
    const params = JSON.stringify(sessionId === undefined ? ['load/1.0'] : ['load/1.0', sessionId]);
    this.socket.write(
      `{"id":1,"method":"mining.subscribe","params":${params}}\n` +
        `{"id":2,"method":"mining.authorize","params":["${ADDRESS}.w${worker}","x"]}\n`,
    );
    const text = await this.hear('mining.notify","params');
    const match = /"mining.notify","([0-9a-f]+)"\]\],"([0-9a-f]+)"/.exec(text);
    return match?.[1] === undefined || match[2] === undefined
      ? undefined
      : { id: match[1], extranonce1: match[2] };
  }
}

type Enter = (miner: Miner, at: number) => Promise<unknown>;

const connectAll = async (port: number, enter: Enter, count = sessions): Promise<readonly Miner[]> => {
  const miners: Miner[] = [];
  for (let at = 0; at < count; at += CONNECTS_AT_ONCE) {
    const some = Array.from({ length: Math.min(CONNECTS_AT_ONCE, count - at) }, () => new Miner(port));
    miners.push(...some);
    await Promise.all(some.map((miner, index) => enter(miner, at + index)));
  }
  return miners;
};

const quantiles = (times: readonly number[]) => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) =>
    Number((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1));
  return { p50: at(0.5), p99: at(0.99), last: at(1) };
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Spread of new blocks over all sockets, by the clock of the one who reads them. */
const measureSpread = async (gateway: Gateway, miners: readonly Miner[]) => {
  const spreads: ReturnType<typeof quantiles>[] = [];
  const turns: number[] = [];
  for (let block = 0; block < Number(values.blocks); block++) {
    for (const miner of miners) miner.heardAtMs = 0;
    gateway.tell('watch');
    gateway.tell('publish');
    await delay(1_500);
    const times = miners.map(({ heardAtMs }) => heardAtMs);
    if (times.some((time) => time === 0)) throw new Error('a session missed a block');
    const first = Math.min(...times);
    spreads.push(quantiles(times.map((time) => time - first)));
    turns.push((await gateway.sample()).longestTurnMs);
  }
  return {
    p50Ms: median(spreads.map(({ p50 }) => p50)),
    p99Ms: median(spreads.map(({ p99 }) => p99)),
    lastMs: median(spreads.map(({ last }) => last)),
    longestTurnMs: { median: Number(median(turns).toFixed(1)), worst: Number(Math.max(...turns).toFixed(1)) },
  };
};

const KIB = 1_024;

const measure = async (role: 'gateway' | 'floor') => {
  const gateway = await Gateway.start(role);
  const enter = async (miner: Miner, at: number): Promise<unknown> =>
    role === 'floor' ? once(miner.socket, 'connect') : miner.login(at);
  // What the code of a gateway at work takes is no session's: some come and go before.
  const passing = await connectAll(gateway.port, enter, PASSING);
  for (const { socket } of passing) socket.destroy();
  await delay(3_000);
  const base = await gateway.sample();
  const miners = await connectAll(gateway.port, enter);
  await delay(2_000);
  const full = await gateway.sample();
  const each = (bytes: number) => Number((bytes / sessions / KIB).toFixed(2));
  const idleMs = Number(values['idle-seconds']) * 1_000;
  await delay(idleMs);
  const idle = await gateway.sample();
  const spread = await measureSpread(gateway, miners);
  for (const { socket } of miners) socket.destroy();
  await gateway.kill();
  return {
    sessions: full.sessions,
    kibPerSession: {
      resident: each(full.rssBytes - base.rssBytes),
      heap: each(full.heapBytes - base.heapBytes),
    },
    idleCpuPercent: Number(((100 * (idle.cpuMs - full.cpuMs)) / idleMs).toFixed(2)),
    spread,
  };
};

/** All come back within ten seconds, each at a moment of its own, while the gateway knows none of them. */
const measureStorm = async () => {
  const scratch = scratchDirectory('storm');
  await using nats = await startNats({ dir: scratch.path });
  await using redis = await startRedis();
  const env = { OTEDAMA_LOAD_REDIS: redis.url, OTEDAMA_LOAD_NATS: nats.url };
  const [first, second] = [await Gateway.start('gateway', env), await Gateway.start('gateway', env)];
  const known: (Session | undefined)[] = [];
  const miners = await connectAll(first.port, async (miner, at) => {
    known[at] = await miner.login(at);
  });
  await delay(500);
  second.tell('watch');
  await first.kill();
  const beganMs = performance.now();
  const waits: number[] = [];
  const resumed = await Promise.all(
    miners.map(async (_, at) => {
      await delay((at / sessions) * STORM_MS);
      const startedMs = performance.now();
      const session = await new Miner(second.port).login(at, known[at]?.id);
      waits.push(performance.now() - startedMs);
      return session;
    }),
  );
  const seconds = Number(((performance.now() - beganMs) / 1_000).toFixed(1));
  const after = await second.sample();
  await second.kill();
  scratch.remove();
  return {
    seconds,
    in: resumed.filter((session) => session !== undefined).length,
    closedByTheGateway: after.refused,
    withTheirExtranonce: resumed.filter(
      (session, at) => session !== undefined && session.extranonce1 === known[at]?.extranonce1,
    ).length,
    loginMs: quantiles(waits),
    longestTurnMs: Number(after.longestTurnMs.toFixed(1)),
  };
};

const report = {
  gateway: await measure('gateway'),
  floor: await measure('floor'),
  ...(values.storm ? { storm: await measureStorm() } : {}),
};
console.log(JSON.stringify(report, null, 2));
process.exit();
