import { benchValidate } from './validate.ts';

describe('benchValidate', () => {
  it('measures rates, checked, for each of the threads', async () => {
    const options = { seconds: 0.01, block: 0, backend: undefined };
    const report = await benchValidate({ ...options, algorithms: ['sha256d', 'scrypt'], threads: 2 });
    expect(report).toMatchObject({ suite: 'validate', builds: [], batches: [] });
    expect(report.results.map(({ algorithm }) => algorithm)).toEqual(['sha256d', 'scrypt']);
    for (const { threads, checked, sharesPerSecond, sharesPerSecondPerCore } of report.results) {
      expect([threads, checked]).toEqual([2, true]);
      expect(sharesPerSecond).toBeGreaterThan(0);
      expect(sharesPerSecondPerCore).toBe(sharesPerSecond / 2);
    }
  });
});
