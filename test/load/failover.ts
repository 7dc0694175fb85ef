/**
 * How long miners wait for new work when the validator that gives it out is killed: from `kill -9` of the leader to
 * the job of its successor on a miner's socket. A whole fleet on this machine; prints JSON.
 *
 *   node test/load/failover.ts [--rounds 10]
 */
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { parseArgs } from 'node:util';
import { type FleetUnderTest, eventually, scratchDirectory, startFleet } from '../harness/src/index.ts';
import { printReport } from './report.ts';

const CONFIG = `mining: {enable_cpu: false}
pool: {address: '127.0.0.1:PORT'}
`;
/** Nobody's. */
const USER = 'bcrt1qqyqszqgpqyqszqgpqyqszqgpqyqszqgpvxat9t.watch';
const GOAL_MS = 2_000;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });
const rounds = Number(values.rounds);

/** Hears jobs; mines nothing. */
class Listener {
  jobs = 0;
  #lastMs = 0;
  readonly #socket: Socket;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1' });
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: string) => {
      if (!text.includes('"mining.notify"')) return;
      this.jobs += 1;
      this.#lastMs = performance.now();
    });
    this.#socket.write('{"id":1,"method":"mining.subscribe","params":[]}\n');
    this.#socket.write(`{"id":2,"method":"mining.authorize","params":["${USER}","x"]}\n`);
  }

  /** When the first job after `since` jobs came. */
  async nextJob(since: number): Promise<number> {
    while (this.jobs === since) await once(this.#socket, 'data');
    return this.#lastMs;
  }

  close(): void {
    this.#socket.destroy();
  }
}

const leaderOf = (fleet: FleetUnderTest): Promise<string> =>
  eventually('a validator that leads', async () => {
    for (const { name, health } of (await fleet.report()).processes) {
      if (!name.startsWith('share-validator') || health === undefined) continue;
      const metrics = await fetch(new URL('/metrics', health)).then(
        (reply) => reply.text(),
        () => '',
      );
      if (/^otedama_validator_leading\{.*\} 1$/m.test(metrics)) return name;
    }
    return undefined;
  });

const scratch = scratchDirectory('failover');
const fleet = await startFleet({
  dataDir: `${scratch.path}/fleet`,
  config: CONFIG,
  gateways: 1,
  validators: 2,
});
const listener = new Listener(fleet.ports.stratum[0] ?? 0);
const gapsMs: number[] = [];
try {
  await listener.nextJob(0);
  for (let round = 0; round < rounds; round++) {
    await fleet.ready();
    const leader = await leaderOf(fleet);
    const { jobs } = listener;
    const pid = await fleet.signal(leader, 'SIGKILL');
    const killedMs = performance.now();
    gapsMs.push(Math.round((await listener.nextJob(jobs)) - killedMs));
    await fleet.replaced(leader, pid);
  }
  const sorted = gapsMs.toSorted((a, b) => a - b);
  const report = {
    rounds,
    gapsMs,
    medianMs: sorted[Math.floor((sorted.length - 1) / 2)],
    worstMs: sorted.at(-1),
    goalMs: GOAL_MS,
  };
  printReport(report);
} finally {
  listener.close();
  await fleet[Symbol.asyncDispose]();
  scratch.remove();
}
