/**
 * The pools that `throughput.ts` measures in turns: each as its users start it, on the same chain, with difficulties
 * that cost the generator a few hashes a share.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startFleet } from '../harness/src/fleet.ts';
import { startOtedama } from '../harness/src/otedama.ts';
import { freePort } from '../harness/src/places.ts';
import { TestProcess } from '../harness/src/process.ts';
import type { ChainStandIn } from './chain-stand-in.ts';

export interface RunningSystem {
  /** The connections are spread over them. */
  readonly ports: readonly number[];
  /** Whose processor time counts, with all their descendants. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export interface SystemUnderTest {
  readonly name: string;
  /** Whether its shares are checked against a target that the generator has to meet. */
  readonly wantsValidShares: boolean;
  start(setting: Setting): Promise<RunningSystem>;
}

export interface Setting {
  readonly chain: ChainStandIn;
  /** An empty folder. */
  readonly directory: string;
  /** Command that a program is started through. */
  readonly through: readonly string[];
}

/** Some four hashes. */
const DIFFICULTY = 1e-9;

export const otedamaConfig = ({ url, user, password, address }: ChainStandIn): string => `
mining: {enable: false}
pools:
  - id: load
    coin: bitcoin
    network: regtest
    payout_address: ${address}
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${url}', user: '${user}', password: '${password}'}]
stratum:
  max_workers: 20000
  vardiff: {initial_difficulty: ${DIFFICULTY}, minimum_difficulty: ${DIFFICULTY}, maximum_difficulty: ${DIFFICULTY}}
`;

/** One process and its PostgreSQL. */
export const embedded: SystemUnderTest = {
  name: 'otedama up',
  wantsValidShares: true,
  async start({ chain, directory, through }) {
    const config = otedamaConfig(chain);
    const otedama = await startOtedama({ dataDir: directory, config, through });
    return { ports: [otedama.ports.stratum], pids: [otedama.process.pid], stop: () => otedama.stop() };
  },
};

/** With its supervisor, PostgreSQL, nats-server and Redis. */
export const fleet: SystemUnderTest = {
  name: 'otedama fleet up, 2 gateways, 2 validators',
  wantsValidShares: true,
  async start({ chain, directory, through }) {
    const dataDir = join(directory, 'fleet');
    mkdirSync(dataDir);
    const running = await startFleet({ dataDir, config: otedamaConfig(chain), through });
    return { ports: running.ports.stratum, pids: [running.supervisor.pid], stop: () => running.stop() };
  },
};

const listens = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (result: true | undefined): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(undefined));
  });

/**
 * It counts difficulties in whole numbers, so that no generator could keep up with 1; below 0 it takes every share
 * after the same work. Without CKDB.
 */
const ckpoolConfig = (
  { port, user, password, address }: ChainStandIn,
  stratumPort: number,
  directory: string,
) => ({
  btcd: [{ url: `127.0.0.1:${port}`, auth: user, pass: password, notify: false }],
  btcaddress: address,
  btcsig: '/load/',
  blockpoll: 100,
  nonce1length: 4,
  nonce2length: 8,
  update_interval: 30,
  serverurl: [`127.0.0.1:${stratumPort}`],
  mindiff: -1,
  startdiff: -1,
  logdir: join(directory, 'logs'),
});

/** It writes shares to a file only when told to, and answers before they are on the disk. */
export const ckpool = (program: string, logsShares: boolean): SystemUnderTest => ({
  name: logsShares ? 'ckpool with a log of its shares' : 'ckpool',
  wantsValidShares: false,
  async start({ chain, directory, through }) {
    const port = await freePort();
    const file = join(directory, 'ckpool.conf');
    mkdirSync(join(directory, 'logs'));
    writeFileSync(file, JSON.stringify(ckpoolConfig(chain, port, directory)));
    const args = ['-A', '-c', file, '-s', join(directory, 'sockets'), ...(logsShares ? ['-L'] : [])];
    const [command = program, ...rest] = [...through, program, ...args];
    const child = new TestProcess('ckpool', command, rest, { cwd: directory });
    await child.until('a listener', () => listens(port));
    return { ports: [port], pids: [child.pid], stop: () => child.stop() };
  },
});
