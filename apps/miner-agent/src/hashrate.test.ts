import { HashrateMeter } from './hashrate.ts';

describe('hash rate', () => {
  it('is zero until there is a span to measure', () => {
    const meter = new HashrateMeter();
    expect(meter.hashesPerSecond).toBe(0);
    meter.sample(10n, 1_000);
    meter.sample(20n, 1_000);
    expect(meter.hashesPerSecond).toBe(0);
  });

  it('forgets what is older than half a minute', () => {
    const meter = new HashrateMeter();
    for (let second = 0; second <= 40; second++) meter.sample(BigInt(second) * 1_000n, second * 1_000);
    expect(meter.hashesPerSecond).toBe(1_000);
    for (let second = 41; second <= 80; second++) meter.sample(40_000n, second * 1_000);
    expect(meter.hashesPerSecond).toBe(0);
  });

  it('keeps a bounded number of samples', () => {
    const meter = new HashrateMeter();
    for (let i = 0; i < 10_000; i++) meter.sample(BigInt(i), i);
    expect(meter.hashesPerSecond).toBe(1_000);
  });
});
