/**
 * Ten thousand sessions on one gateway, as JSON: memory for each, what they cost while nothing happens, and how
 * long after the first socket the others hear of a new block, beside the least that Node can do in the same run.
 * With `--storm` also their return: the gateway is killed, and all of them go on at another one.
 *
 *   node test/load/sessions.ts [--sessions 10000] [--rounds 3] [--blocks 10] [--idle-seconds 10] [--storm]
 *
 * With OTEDAMA_LOAD_BARE also beside a bare server in C: a program that is called with a port, its seconds to
 * live and the milliseconds between its jobs, answers each line, and sends jobs to all. Needs so many open files in each of its processes (`ulimit -n`).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startNats } from '../harness/src/nats-server.ts';
import { freePort, scratchDirectory } from '../harness/src/places.ts';
import { TestProcess } from '../harness/src/process.ts';
import { startRedis } from '../harness/src/redis-server.ts';
import type { GatewayCommand, GatewaySample } from './gateway-process.ts';
import { printReport } from './report.ts';

const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const CONNECTS_AT_ONCE = 100;
const STORM_MS = 10_000;
const PASSING = 500;
/** Nothing more is on its way when nobody has heard anything for so long. */
const QUIET_MS = 300;
const POLL_MS = 50;
const BLOCK_TIMEOUT_MS = 30_000;
const BARE_BLOCK_MS = 2_000;

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    blocks: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    'idle-seconds': { type: 'string', default: '10' },
    storm: { type: 'boolean', default: false },
  },
});
const sessions = Number(values.sessions);

/** `floor`: the least that Node can do. */
type Role = 'gateway' | 'floor';

class Gateway {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(
    role: Role,
    env: Record<string, string> = {},
    flags: readonly string[] = [],
  ): Promise<Gateway> {
    const child = fork(new URL('gateway-process.ts', import.meta.url), {
      execArgv: ['--expose-gc', '--no-warnings', ...flags],
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

interface Block {
  readonly spread: ReturnType<typeof quantiles>;
  readonly turnMs: number;
  readonly ownTurnMs: number;
}

/** When each has heard of the next block after the first has, by the clock of the one who reads them all. */
const hearBlock = async (publish: () => void, miners: readonly Miner[]): Promise<Block['spread']> => {
  const isQuiet = () =>
    performance.now() - miners.reduce((last, { heardAtMs }) => Math.max(last, heardAtMs), 0) > QUIET_MS;
  while (!isQuiet()) await delay(POLL_MS);
  for (const miner of miners) miner.heardAtMs = 0;
  publish();
  const untilMs = performance.now() + BLOCK_TIMEOUT_MS;
  while (miners.some(({ heardAtMs }) => heardAtMs === 0)) {
    if (performance.now() > untilMs) throw new Error('a session missed a block');
    await delay(POLL_MS);
  }
  const times = miners.map(({ heardAtMs }) => heardAtMs);
  const first = Math.min(...times);
  return quantiles(times.map((time) => time - first));
};

const hearBlocks = async (hear: () => Promise<Block>): Promise<readonly Block[]> => {
  const blocks: Block[] = [];
  while (blocks.length < Number(values.blocks)) blocks.push(await hear());
  return blocks;
};

const summary = (blocks: readonly Block[]) => {
  const ofAll = (pick: (block: Block) => number) => median(blocks.map(pick));
  const turns = (pick: (block: Block) => number) => ({
    median: Number(ofAll(pick).toFixed(1)),
    worst: Number(Math.max(...blocks.map(pick)).toFixed(1)),
  });
  return {
    p50Ms: ofAll(({ spread }) => spread.p50),
    p99Ms: ofAll(({ spread }) => spread.p99),
    lastMs: ofAll(({ spread }) => spread.last),
    longestTurnMs: turns(({ turnMs }) => turnMs),
    longestOwnTurnMs: turns(({ ownTurnMs }) => ownTurnMs),
  };
};

const enterAs =
  (role: Role): Enter =>
  (miner, at) =>
    role === 'floor' ? once(miner.socket, 'connect') : miner.login(at);

/** Sessions that come and go before: what the code of a gateway at work takes is no session's. */
const warmUp = async (gateway: Gateway, enter: Enter): Promise<void> => {
  for (const { socket } of await connectAll(gateway.port, enter, PASSING)) socket.destroy();
  await delay(3_000);
};

const leave = async (gateway: Gateway, miners: readonly Miner[]): Promise<void> => {
  for (const { socket } of miners) socket.destroy();
  await gateway.kill();
};

const KIB = 1_024;

/**
 * With a young generation of a megabyte: V8 keeps up to a hundred of them once a storm of log-ins has needed so
 * much, however many the sessions are, and they would hide what each takes.
 */
const measureMemory = async (role: Role) => {
  const gateway = await Gateway.start(role, {}, ['--max-semi-space-size=1']);
  await warmUp(gateway, enterAs(role));
  gateway.tell('collect');
  const base = await gateway.sample();
  const miners = await connectAll(gateway.port, enterAs(role));
  await delay(2_000);
  gateway.tell('collect');
  const full = await gateway.sample();
  await leave(gateway, miners);
  const each = (bytes: number) => Number((bytes / sessions / KIB).toFixed(2));
  return {
    residentKib: each(full.rssBytes - base.rssBytes),
    heapKib: each(full.heapBytes - base.heapBytes),
  };
};

const measureWork = async (role: Role) => {
  const gateway = await Gateway.start(role);
  await warmUp(gateway, enterAs(role));
  const idleMs = Number(values['idle-seconds']) * 1_000;
  const idleCpuPercent = async (): Promise<number> => {
    const before = await gateway.sample();
    await delay(idleMs);
    return (100 * ((await gateway.sample()).cpuMs - before.cpuMs)) / idleMs;
  };
  const idleCpuPercentEmpty = await idleCpuPercent();
  const miners = await connectAll(gateway.port, enterAs(role));
  await delay(2_000);
  const idleCpuPercentFull = await idleCpuPercent();
  const blocks = await hearBlocks(async () => {
    gateway.tell('watch');
    const spread = await hearBlock(() => gateway.tell('publish'), miners);
    const { longestTurnMs, longestOwnTurnMs } = await gateway.sample();
    return { spread, turnMs: longestTurnMs, ownTurnMs: longestOwnTurnMs };
  });
  await leave(gateway, miners);
  return { blocks, idleCpuPercentEmpty, idleCpuPercentFull };
};

type Worked = Awaited<ReturnType<typeof measureWork>>;

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

/** A server in C that sends all of them a job every so often: the least that the system can do. */
const measureBare = async (program: string): Promise<readonly Block[]> => {
  const port = await freePort();
  await using server = new TestProcess('bare', program, [`${port}`, '600', `${BARE_BLOCK_MS}`]);
  await server.until('a listener', async () => (await isOpen(port)) || undefined);
  const miners = await connectAll(port, (miner, at) => miner.login(at));
  const blocks = await hearBlocks(async () => ({
    spread: await hearBlock(() => undefined, miners),
    turnMs: Number.NaN,
    ownTurnMs: Number.NaN,
  }));
  for (const { socket } of miners) socket.destroy();
  return blocks;
};

/** Each in its turn, several times over: a machine is never as idle at one time as at another. */
const measureRounds = async () => {
  const bare = process.env['OTEDAMA_LOAD_BARE'];
  const rounds: { gateway: Worked; floor: Worked; bare: readonly Block[] }[] = [];
  while (rounds.length < Number(values.rounds)) {
    rounds.push({
      gateway: await measureWork('gateway'),
      floor: await measureWork('floor'),
      bare: bare === undefined ? [] : await measureBare(bare),
    });
  }
  const of = (role: Role) => ({
    idleCpuPercent: {
      empty: Number(median(rounds.map((round) => round[role].idleCpuPercentEmpty)).toFixed(2)),
      full: Number(median(rounds.map((round) => round[role].idleCpuPercentFull)).toFixed(2)),
    },
    spread: summary(rounds.flatMap((round) => round[role].blocks)),
  });
  const { p50Ms, p99Ms, lastMs } = summary(rounds.flatMap((round) => round.bare));
  return {
    gateway: of('gateway'),
    floor: of('floor'),
    ...(bare === undefined ? {} : { bare: { spread: { p50Ms, p99Ms, lastMs } } }),
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
  sessions,
  memoryPerSession: { gateway: await measureMemory('gateway'), floor: await measureMemory('floor') },
  ...(await measureRounds()),
  ...(values.storm ? { storm: await measureStorm() } : {}),
};
printReport(report);
process.exit();
