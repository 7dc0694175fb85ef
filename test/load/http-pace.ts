/**
 * Asks an HTTP server at a constant rate over connections that stay open, in a process of its own. Nobody waits for an
 * answer to send the next request, and each counts from when it was due: a server that stops for a moment pays for all
 * that were due meanwhile. Driven by one message of the parent process, answered by one.
 */
import { type Socket, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface PaceOrder {
  readonly port: number;
  readonly ratePerSecond: number;
  readonly seconds: number;
  /** Not measured: connections, caches and compilers get going. */
  readonly warmSeconds: number;
  readonly connections: number;
  /** Asked in turn. */
  readonly paths: readonly string[];
}

export interface PaceReport {
  readonly requests: number;
  /** Anything but 200. */
  readonly failures: number;
  readonly bodyBytes: number;
  /** Of each measured request, from when it was due to the last byte of its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  readonly perSecond: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = Buffer.from('content-length: ');
const STATUS_AT = 'HTTP/1.1 '.length;
const NOTHING = Buffer.alloc(0);
const DRAIN_MS = 5_000;

interface Heard {
  readonly status: number;
  readonly bodyBytes: number;
  readonly end: number;
}

/** The first answer in the bytes, when it is whole. Servers under test write `content-length` in either case. */
const hear = (bytes: Buffer): Heard | undefined => {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd + 2).toLowerCase();
  const at = head.indexOf(LENGTH.toString());
  if (at < 0) throw new Error(`an answer without content-length: ${head}`);
  const bodyBytes = Number.parseInt(head.slice(at + LENGTH.length), 10);
  const end = headEnd + HEAD_END.length + bodyBytes;
  if (bytes.length < end) return undefined;
  return { status: Number(head.slice(STATUS_AT, STATUS_AT + 3)), bodyBytes, end };
};

class Connection {
  readonly #socket: Socket;
  readonly #due: number[] = [];
  readonly #onAnswer: (dueMs: number, heard: Heard) => void;
  #bytes: Buffer = NOTHING;

  constructor(socket: Socket, onAnswer: (dueMs: number, heard: Heard) => void) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => {
      throw error;
    });
  }

  get waiting(): number {
    return this.#due.length;
  }

  ask(request: string, dueMs: number): void {
    this.#due.push(dueMs);
    this.#socket.write(request, 'latin1');
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (let heard = hear(this.#bytes); heard !== undefined; heard = hear(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(heard.end);
      this.#onAnswer(this.#due.shift() ?? Number.NaN, heard);
    }
  }
}

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });

const rounded = (ms: number | undefined): number => Number((ms ?? Number.NaN).toFixed(2));

const run = async (order: PaceOrder): Promise<PaceReport> => {
  const { port, ratePerSecond, paths } = order;
  const total = Math.round(ratePerSecond * (order.warmSeconds + order.seconds));
  const measured = Math.round(ratePerSecond * order.seconds);
  const latencies = new Float64Array(measured);
  const sums = { answered: 0, failures: 0, bodyBytes: 0 };
  const beganMs = performance.now();
  const warmUntilMs = beganMs + order.warmSeconds * 1_000;
  const onAnswer = (dueMs: number, { status, bodyBytes }: Heard): void => {
    if (status !== 200) sums.failures += 1;
    if (dueMs < warmUntilMs) return;
    if (sums.answered < measured) latencies[sums.answered++] = performance.now() - dueMs;
    sums.bodyBytes += bodyBytes;
  };
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => open(port)));
  const connections = sockets.map((socket) => new Connection(socket, onAnswer));
  const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  for (let sent = 0; sent < total;) {
    const wanted = Math.min(total, Math.floor(((performance.now() - beganMs) * ratePerSecond) / 1_000));
    for (; sent < wanted; sent++) {
      const request = requests[sent % requests.length] ?? '';
      connections[sent % connections.length]?.ask(request, beganMs + (sent * 1_000) / ratePerSecond);
    }
    await delay(1);
  }
  const deadline = performance.now() + DRAIN_MS;
  while (connections.some(({ waiting }) => waiting > 0) && performance.now() < deadline) await delay(10);
  const seconds = (performance.now() - warmUntilMs) / 1_000;
  // What never came is as late as can be.
  latencies.fill(Number.POSITIVE_INFINITY, sums.answered);
  for (const connection of connections) connection.end();
  latencies.sort();
  const at = (part: number): number =>
    rounded(latencies[Math.min(measured - 1, Math.floor(measured * part))]);
  return {
    requests: sums.answered,
    failures: sums.failures + measured - sums.answered,
    bodyBytes: Math.round(sums.bodyBytes / Math.max(1, sums.answered)),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: at(1),
    perSecond: Math.round(sums.answered / seconds),
  };
};

process.once('message', (order: PaceOrder) => {
  void run(order).then((report) => process.send?.(report, () => process.disconnect()));
});
