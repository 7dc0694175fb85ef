import type { MiningStatus, PoolSummary } from '@otedama/contracts';
import { createStatusLine } from './status-line.ts';

const mining = { state: 'mining', hashrateHs: 2e6 } as MiningStatus;
const pool = (accepted: number, orphaned = 0): PoolSummary =>
  ({
    id: 'p',
    workers: 1,
    shares: { accepted: 7 },
    blocks: { accepted, matured: 0, orphaned },
    height: 9,
  }) as PoolSummary;

const terminal = (isTTY: boolean) => {
  const written: string[] = [];
  return { isTTY, columns: 120, written, write: (text: string) => written.push(text) };
};

describe('status line', () => {
  it('rewrites one line on a terminal and keeps a line for each event', () => {
    const out = terminal(true);
    const line = createStatusLine(out);
    line.update({ mining, pools: [pool(1)] }, 0);
    line.update({ mining, pools: [pool(2)] }, 1_000);
    line.close();
    expect(out.written.filter((text) => text.endsWith('\n'))).toEqual([
      'p: block found, accepted by the node\n',
    ]);
    expect(
      out.written.some((text) => text.includes('mining 2.00 MH/s  ·  p: 1 worker, 7 shares, 2 blocks')),
    ).toBe(true);
    expect(out.written.at(-1)).toBe('\r\u001b[2K');
  });

  it('writes the state once a minute into a file, and events at once', () => {
    const out = terminal(false);
    const line = createStatusLine(out);
    for (let second = 0; second < 61; second++) line.update({ mining, pools: [pool(1)] }, second * 1_000);
    line.update({ mining, pools: [pool(1, 1)] }, 61_000);
    expect(out.written).toHaveLength(3);
    expect(out.written[2]).toBe('p: a block was orphaned, its credits are reversed\n');
  });

  it('never writes more than the terminal is wide', () => {
    const out = { ...terminal(true), columns: 40 };
    createStatusLine(out).update({ mining, pools: [pool(1), pool(2), pool(3)] }, 0);
    expect(Math.max(...out.written.map((text) => text.length))).toBeLessThan(40);
  });
});
