/** PostgreSQL is not on the way from a share to its answer: miners notice nothing of its absence, and the books catch up. */
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { BITCOIN_PLAYGROUND, encodeWitnessAddress } from '@otedama/chain-params';
import { processesIn, signalProcess } from '@otedama/processes';
import {
  type Otedama,
  type Scratch,
  StratumMiner,
  eventually,
  openDatabase,
  scratchDirectory,
  startOtedama,
} from '@otedama/test-harness';
import { type Query, ShareAudit, endOf, fileReader, isCaughtUp } from './share-audit.ts';

const CONFIG = `mining: {enable_cpu: false}
pool: {address: '127.0.0.1:PORT'}
stratum: {vardiff: {initial_difficulty: 1e-9, minimum_difficulty: 1e-9, maximum_difficulty: 1e-9}}
`;
const MINERS = 4;
/** Many more than were under way. */
const ANSWERS = 500;

let scratch: Scratch;
let otedama: Otedama;
let miners: readonly StratumMiner[];

const home = (): string => join(scratch.path, 'data');
const signalDatabase = async (signal: NodeJS.Signals): Promise<void> => {
  const processes = await processesIn(realpathSync(join(home(), 'postgres/cluster')));
  expect(processes.length).toBeGreaterThan(3);
  for (const pid of processes) signalProcess(pid, signal);
};
const acknowledged = (): number => miners.reduce((sum, miner) => sum + miner.acknowledged.length, 0);

const expectAnswers = async (): Promise<void> => {
  const before = acknowledged();
  await eventually('answers', () => acknowledged() >= before + ANSWERS);
};

beforeAll(async () => {
  scratch = scratchDirectory('database-away');
  mkdirSync(home(), { recursive: true });
  otedama = await startOtedama({ dataDir: scratch.path, config: CONFIG });
  const account = encodeWitnessAddress(BITCOIN_PLAYGROUND, 0, Buffer.alloc(20, 1));
  miners = Array.from(
    { length: MINERS },
    (_, n) => new StratumMiner({ port: otedama.ports.stratum, user: `${account}.rig${n}`, inFlight: 8 }),
  );
  for (const miner of miners) miner.run();
  await eventually('the first answers', () => acknowledged() > 50);
}, 120_000);
afterAll(async () => {
  await otedama?.stop();
  scratch?.remove();
}, 60_000);

it('answers shares while the database hangs and while it is dead, and books them all when it is back', async () => {
  await signalDatabase('SIGSTOP');
  await expectAnswers();
  await signalDatabase('SIGKILL');
  await expectAnswers();
  for (const miner of miners) miner.close();
  await Promise.all(miners.map(({ closed }) => closed));
  const audit = new ShareAudit();
  for (const miner of miners) audit.acknowledge(miner.acknowledged);
  await using database = await eventually('the database', () => openDatabase(home()).catch(() => undefined));
  const query: Query = (sql, values) => database.query(sql, values);
  const ends = await eventually('everything is booked', async () => {
    await audit.readLog(fileReader(home(), 'SHARES'));
    const found = { SHARES: String(audit.position), BLOCKS: await endOf(fileReader(home(), 'BLOCKS')) };
    return (await isCaughtUp(query, found)) ? found : undefined;
  });
  expect(audit.lost()).toEqual([]);
  expect(audit.doubled()).toEqual([]);
  expect(await audit.problems(query, ends)).toEqual([]);
}, 180_000);
