import type { ClientShare, ClientWork } from '@otedama/stratum/client';
import { Loopback } from '@otedama/stratum/client/testing';
import { lease, sessionEnv, template } from '../session/session.fixture.ts';
import { stratumV1 } from '../session/step.ts';
import { stratumV1Client } from './step.ts';

const start = () => {
  const pool = stratumV1(sessionEnv());
  pool.book.add(template());
  const options = { lease: lease(), client: { versionMask: 0x1fffe000 } };
  return new Loopback(stratumV1Client('sha256d'), pool, options).connect();
};

const shareOf = ({ workId, task }: ClientWork, nonce = 7n): ClientShare => {
  if (task.kind !== 'coinbase') throw new Error('work of another family');
  const { nTime, version, versionMask, extranonce2Size } = task;
  const rolled = { extranonce2: Buffer.alloc(extranonce2Size), nTime, version: version | versionMask };
  return { workId, nonce, hash: Buffer.alloc(32), rolled };
};

describe('with our own pool', () => {
  it('logs in, rolls versions, and has a share accepted', () => {
    const link = start();
    expect(link.ready).toBe(true);
    expect(link.work).toMatchObject({ difficulty: 1024, task: { versionMask: 0x1fffe000 } });
    link.submit(shareOf(link.work));
    expect(link.submitted).toMatchObject([{ jobKey: 0x1a, nonce: 7, version: 0x3fffe000 }]);
    link.judge('accepted');
    expect(link.outcomes).toEqual([{ kind: 'accepted' }]);
    expect(link.complaints).toEqual([]);
  });

  it('goes on to the next job, and drops the shares of a block that is gone', () => {
    const link = start();
    const first = link.work;
    link.offer(template({ jobKey: 0x1b, cleanJobs: false }));
    link.submit(shareOf(first));
    link.judge('accepted');
    link.offer(template({ jobKey: 0x1c, height: 101 }));
    link.submit(shareOf(first, 8n));
    expect(link.outcomes).toEqual([{ kind: 'accepted' }, { kind: 'dropped', reason: 'stale' }]);
    expect(link.complaints).toEqual([]);
  });

  it('is given another difficulty with a job', () => {
    const link = start();
    for (let i = 0; i < 400 && link.work.difficulty === 1024; i++) {
      link.now += 100;
      link.submit(shareOf(link.work, BigInt(i)));
      link.judge('accepted');
      link.server({ kind: 'tick' });
    }
    expect(link.work.difficulty).toBeGreaterThan(1024);
    expect(link.complaints).toEqual([]);
  });
});
