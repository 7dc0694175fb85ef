/**
 * Thousands of live clients at one API gateway, as JSON: how long after the block log has a block the clients hear of
 * it, and what a client costs in memory, beside the least that `ws` can do with the same bytes in the same run. The
 * gateway is the built one, behind a NATS server that orders its stream; the bare server only sends.
 *
 *   node test/load/live.ts [--clients 5000] [--blocks 20] [--rounds 2] [--core 0]
 *
 * The gateway and the bare server have one core, all others have the rest. Needs twice so many open files
 * (`ulimit -n`).
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ApiFleet, fleetBlockHash } from '../e2e/api-fleet.ts';
import { scratchDirectory } from '../harness/src/places.ts';
import { printReport } from './report.ts';

const CONNECTS_AT_ONCE = 100;
const HEARD_TIMEOUT_MS = 10_000;
const BETWEEN_BLOCKS_MS = 250;
const SETTLE_MS = 2_000;
const PAGE_BYTES = 4_096;
const TICKS_PER_SECOND = 100;

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '5000' },
    blocks: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '2' },
    core: { type: 'string', default: '0' },
  },
});
const [count, blocks, rounds] = [Number(values.clients), Number(values.blocks), Number(values.rounds)];

const others = cpus()
  .map((_, core) => String(core))
  .filter((core) => core !== values.core)
  .join();
const pin = (pid: number | undefined, cores: string): void => {
  if (cores !== '') execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' });
};
// What is started from here starts there as well.
pin(process.pid, others);

/** A frame as a client sends it, masked with zeroes, which leaves the text as it is. */
const masked = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
const SUBSCRIBE = masked('{"type":"subscribe","topics":[{"topic":"alerts"}]}');

/** Knows no more of WebSockets than it must: what is measured is the server. */
class Client {
  readonly socket: Socket;
  isLive = false;
  /** When the hash that it waits for came. */
  heardAtMs = 0;
  #wanted = '';

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.socket.on('error', () => undefined);
    this.socket.write(
      `GET /api/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
  }

  want(hash: string): void {
    this.#wanted = hash;
    this.heardAtMs = 0;
  }

  #read(chunk: Buffer): void {
    if (!this.isLive) {
      if (chunk.includes('"welcome"')) this.socket.write(SUBSCRIBE);
      this.isLive = chunk.includes('"snapshot"');
      return;
    }
    if (this.heardAtMs === 0 && this.#wanted !== '' && chunk.includes(this.#wanted)) {
      this.heardAtMs = performance.now();
    }
  }
}

interface Server extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  tell(height: number): void;
}

const startGateway = async (dir: string): Promise<Server> => {
  const fleet = await ApiFleet.start({
    dir,
    gateways: 1,
    env: {
      OTEDAMA_API_RATE_LIMIT: '0',
      OTEDAMA_API_LIVE_MAX_CLIENTS: '100000',
      OTEDAMA_API_LIVE_MAX_CLIENTS_PER_ADDRESS: '100000',
    },
  });
  const [gateway] = fleet.gateways;
  if (gateway === undefined) throw new Error('one was started');
  return {
    port: gateway.port,
    pid: gateway.process.pid,
    tell: (height) => void fleet.find(height),
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
};

/** As long as what the gateway says of a block. */
const wordOf = (height: number): string => {
  const [atMs, hash] = [Date.now(), fleetBlockHash(height)];
  const worker = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080.rig';
  const facts = { poolId: 'btc-solo', coin: 'bitcoin', height, hash, worker };
  const found = { kind: 'block-found', severity: 'info', atMs, ...facts };
  const patch = { alerts: { [`block-found bitcoin/${hash}`]: found } };
  return JSON.stringify({ type: 'delta', topic: 'alerts', after: height, seq: height, atMs, patch });
};

const startFloor = async (): Promise<Server> => {
  const child: ChildProcess = fork(new URL('live-floor.ts', import.meta.url), {
    execArgv: ['--no-warnings'],
  });
  const [port] = (await once(child, 'message')) as [number];
  return {
    port,
    pid: child.pid ?? 0,
    tell: (height) => void child.send(wordOf(height)),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

/** Resident memory, and time of the processor so far, as the system counts them. */
const costOf = (pid: number): { readonly residentBytes: number; readonly cpuMs: number } => {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = rest.split(' ').slice(11, 13).map(Number);
  return {
    residentBytes: pages * PAGE_BYTES,
    cpuMs: (((user ?? 0) + (system ?? 0)) * 1_000) / TICKS_PER_SECOND,
  };
};

const connectAll = async (port: number): Promise<Client[]> => {
  const clients: Client[] = [];
  while (clients.length < count) {
    const some = Math.min(CONNECTS_AT_ONCE, count - clients.length);
    const fresh = Array.from({ length: some }, () => new Client(port));
    clients.push(...fresh);
    while (!fresh.every(({ isLive }) => isLive)) await delay(2);
  }
  return clients;
};

/** Milliseconds until each client has heard. */
const findOne = async (server: Server, clients: readonly Client[], height: number): Promise<number[]> => {
  const hash = fleetBlockHash(height);
  for (const client of clients) client.want(hash);
  const foundAtMs = performance.now();
  server.tell(height);
  while (!clients.every(({ heardAtMs }) => heardAtMs > 0)) {
    if (performance.now() - foundAtMs > HEARD_TIMEOUT_MS) throw new Error('not every client has heard');
    await delay(1);
  }
  return clients.map(({ heardAtMs }) => heardAtMs - foundAtMs);
};

const at = (sorted: readonly number[], part: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 10) / 10;

const measure = async (role: 'gateway' | 'bare', server: Server) => {
  pin(server.pid, values.core);
  const before = costOf(server.pid);
  const clients = await connectAll(server.port);
  await delay(SETTLE_MS);
  const idle = costOf(server.pid);
  await findOne(server, clients, 1);
  const started = costOf(server.pid);
  const heardMs: number[] = [];
  const lastMs: number[] = [];
  for (let height = 2; height < blocks + 2; height += 1) {
    await delay(BETWEEN_BLOCKS_MS);
    const times = await findOne(server, clients, height);
    heardMs.push(...times);
    lastMs.push(Math.max(...times));
  }
  const ended = costOf(server.pid);
  for (const { socket } of clients) socket.destroy();
  heardMs.sort((a, b) => a - b);
  lastMs.sort((a, b) => a - b);
  return {
    role,
    /** Of all clients and blocks. */
    heardMs: { p50: at(heardMs, 0.5), p99: at(heardMs, 0.99) },
    /** The last client, of all blocks. */
    lastMs: { p50: at(lastMs, 0.5), worst: at(lastMs, 1) },
    residentBytesPerClient: Math.round((idle.residentBytes - before.residentBytes) / count),
    cpuMsPerBlock: Math.round(((ended.cpuMs - started.cpuMs) / blocks) * 10) / 10,
  };
};

const runs = [];
for (let round = 0; round < rounds; round += 1) {
  const scratch = scratchDirectory('live-load');
  for (const role of ['bare', 'gateway'] as const) {
    await using server = role === 'bare' ? await startFloor() : await startGateway(scratch.path);
    runs.push(await measure(role, server));
  }
  scratch.remove();
}
printReport({ clients: count, blocks, runs });
