import { readFileSync } from 'node:fs';
import type { Logger } from '@otedama/contracts';
import { DEFENCE_DEFAULTS } from '@otedama/config';
import { silentLogger } from '@otedama/contracts';
import { Registry } from 'prom-client';
import { LIMITS } from '../limits.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { admissionLimits } from './admission-limits.ts';
import { affordableConnections, descriptorLimit } from './descriptors.ts';
import { Refusals } from './refusals.ts';
import { Seldom } from './seldom.ts';

describe('refusals', () => {
  const setup = () => {
    const lines: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields) => void lines.push(fields) };
    const registry = new Registry();
    return { lines, registry, refusals: new Refusals(createGatewayMetrics(registry).refused, logger) };
  };

  it('are counted one by one and told of once, with the addresses that most came from', () => {
    const { lines, refusals } = setup();
    for (let i = 0; i < 100_000; i++) refusals.note('btc', 'address-rate', `192.0.2.${i % 7}`);
    refusals.note('btc', 'address-rate', '192.0.2.3');
    refusals.note('btc', 'no-place');
    expect(lines).toEqual([]);
    refusals.flush();
    expect(lines).toEqual([
      {
        reason: 'address-rate',
        count: 100_001,
        mostFrom: {
          '192.0.2.3': 14_287,
          '192.0.2.0': 14_286,
          '192.0.2.1': 14_286,
          '192.0.2.2': 14_286,
          '192.0.2.4': 14_286,
        },
      },
      { reason: 'no-place', count: 1, mostFrom: {} },
    ]);
    refusals.flush();
    expect(lines).toHaveLength(2);
  });

  it('keep no more addresses than they may, whoever comes', async () => {
    const { lines, registry, refusals } = setup();
    for (let i = 0; i < 50_000; i++) refusals.note('btc', 'denied', `10.${i >> 8}.${i & 0xff}.1`);
    for (let i = 0; i < 100; i++) refusals.note('btc', 'denied', '10.0.0.1');
    refusals.flush();
    expect(lines).toMatchObject([{ count: 50_100, mostFrom: { '10.0.0.1': 101 } }]);
    expect(await registry.metrics()).toContain(
      'otedama_gateway_refused_total{pool="btc",reason="denied"} 50100',
    );
  });
});

describe('a warning that peers bring about', () => {
  it('is told at once, and then once in a while with how often it was', () => {
    let nowMs = 5;
    const told: number[] = [];
    const seldom = new Seldom(() => nowMs, 60_000);
    for (let i = 0; i < 130_000; i++) {
      seldom.tell((times) => told.push(times));
      nowMs += 1;
    }
    expect(told).toEqual([1, 60_000, 60_000]);
  });
});

describe('open files', () => {
  it('are as many as the system says, and some are ours', () => {
    const told = /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    expect(descriptorLimit()).toBe(Number(told));
    expect([256, 1_024, 2_048, 65_536].map(affordableConnections)).toEqual([192, 768, 1_536, 65_024]);
  });

  it('bound the places, of which some are kept for who has worked', () => {
    const stratum = {
      enabled: true,
      maxConnections: 10_000,
      maxWorkers: 500,
      reusePort: false,
      vardiff: undefined,
    };
    const limits = (descriptors: number | undefined) =>
      admissionLimits(DEFENCE_DEFAULTS, stratum, LIMITS, descriptors);
    expect(limits(1_024)).toMatchObject({
      places: 768,
      reservedPlaces: 76,
      handshakes: 615,
      reservedWorkers: 50,
    });
    expect(limits(65_536)).toMatchObject({ places: 10_000, reservedPlaces: 1_000, handshakes: 8_000 });
    expect(limits(undefined)).toEqual(limits(65_536));
  });

  it('leave room for a farm proxy that logs in its devices, whatever the rates', () => {
    const { session, client } = admissionLimits(
      DEFENCE_DEFAULTS,
      { enabled: true, maxConnections: 1, maxWorkers: 1, reusePort: false, vardiff: undefined },
      LIMITS,
      undefined,
    );
    // 256 devices, then as many shares as a session is read ahead; lines as long as they get.
    expect(session.messageBurst).toBeGreaterThanOrEqual(256 + LIMITS.maxUnanswered);
    expect(session.byteBurst).toBeGreaterThanOrEqual((256 + LIMITS.maxUnanswered) * 500);
    expect(client.pace.messageBurst).toBeGreaterThanOrEqual(10 * session.messageBurst);
  });
});
