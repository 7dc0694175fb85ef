/** What a script needs of a session to send shares in it. */
import { randomBytes } from 'node:crypto';
import type { StratumLine, StratumMiner } from '@otedama/test-harness';
import type { Scene } from '../attack.ts';

export interface Session {
  readonly line: StratumLine;
  readonly jobId: string;
  readonly time: string;
  readonly extranonce2Bytes: number;
}

/** Asks for the greatest difficulty: nothing made up meets that. */
const PASSWORD = 'd=1';

/** Undefined when the pool does not want it. */
export const login = async (scene: Scene, user: string): Promise<Session | undefined> => {
  const line = scene.line();
  const job = line.next(({ method }) => method === 'mining.notify');
  const subscribed = line.request(1, 'mining.subscribe', ['attack']);
  void line.request(2, 'mining.authorize', [user, PASSWORD]);
  const result = (await subscribed)?.['result'] as [unknown, string, number] | null | undefined;
  const params = (await job)?.['params'] as string[] | undefined;
  const [jobId, time] = [params?.[0], params?.[7]];
  if (!result || jobId === undefined || time === undefined) {
    line.close();
    return undefined;
  }
  return { line, jobId, time, extranonce2Bytes: result[2] };
};

/** Job, extranonce2, time and nonce. */
export const randomShare = ({ jobId, time, extranonce2Bytes }: Session): readonly string[] => [
  jobId,
  randomBytes(extranonce2Bytes).toString('hex'),
  time,
  randomBytes(4).toString('hex'),
];

const JOB_POLL_MS = 10;

/** False when the pool hangs up, or the time is over, before there is work. */
export const eventuallyHasJob = async (scene: Scene, miner: StratumMiner): Promise<boolean> => {
  const end = { hasCome: false };
  void miner.closed.then(() => (end.hasCome = true));
  while (!miner.hasJob && !end.hasCome && !scene.isOver) await scene.pause(JOB_POLL_MS);
  return miner.hasJob && !end.hasCome;
};
