/** How the chart scales, by a simulation of the autoscaler with the chart's own values; docs/autoscaling.md shows it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith } from '@otedama/test-harness';
import {
  chartOf,
  createReport,
  gatewayFacts,
  validatorFacts,
  withTarget,
} from './autoscaler/simulation/report.ts';
import { gatewayScenarios, validatorScenarios } from './autoscaler/simulation/scenarios.ts';
import { DOCUMENT, PICTURES, productionObjects, withTables } from './autoscaling.ts';
import { helm } from './chart/helm.ts';

describeWith('helm', helm())('the autoscalers of the chart', () => {
  const chart = chartOf(productionObjects());
  const gateways = (name: string, target?: number) => {
    const scenario = gatewayScenarios.find((one) => one.name === name);
    const spec = target === undefined ? chart.gateways : withTarget(chart.gateways, target);
    return scenario?.run({ ...chart, gateways: spec }) ?? [];
  };
  const validators = (name: string, target?: number) => {
    const scenario = validatorScenarios.find((one) => one.name === name);
    const spec = target === undefined ? chart.validators : withTarget(chart.validators, target);
    return scenario?.run({ ...chart, validators: spec }) ?? [];
  };

  it.each(gatewayScenarios.map(({ name }) => name))('have a place for every miner: %s', (name) => {
    const { fullest, turnedAway, waitingMiners } = gatewayFacts(gateways(name));
    expect({ turnedAway, waitingMiners }).toEqual({ turnedAway: 0, waitingMiners: 0 });
    expect(fullest).toBeLessThan(chart.places);
  });

  it.each(gatewayScenarios.map(({ name }) => name))(
    'take one gateway away at a time, five minutes apart, for the others to take its miners: %s',
    (name) => {
      let last = Number.NEGATIVE_INFINITY;
      const samples = gateways(name);
      for (const [index, { now, replicas }] of samples.entries()) {
        const removed = (samples[index - 1]?.replicas ?? replicas) - replicas;
        if (removed <= 0) continue;
        expect(removed).toBe(1);
        expect(now - last).toBeGreaterThanOrEqual(300);
        last = now;
      }
    },
  );

  it('change nothing while nothing is known', () => {
    const blind = gateways('blind').filter(({ now }) => now > 31 * 60 && now < 60 * 60);
    expect(new Set(blind.map(({ replicas }) => replicas)).size).toBe(1);
  });

  it('would turn miners away with a target near to what a gateway takes', () => {
    expect(gatewayFacts(gateways('blind', 8_000)).turnedAway).toBeGreaterThan(0);
  });

  it('bear three times the shares of Monero within two minutes, and give the validators back', () => {
    const samples = validators('shares');
    const { lateSeconds, most } = validatorFacts(samples);
    expect(lateSeconds).toBeLessThanOrEqual(120);
    expect(most).toBeGreaterThan(chart.validators.minReplicas);
    expect(samples.at(-1)?.replicas).toBeLessThan(most);
    expect(samples.at(-1)?.delaySeconds).toBe(0);
  });

  it('follow the queue alone where nobody tells processor time, which a longer queue would not', () => {
    expect(validatorFacts(validators('queue')).lateSeconds).toBeLessThanOrEqual(120);
    // Eight batches a validator is all that two gateways ever send: nothing would come of it.
    expect(validatorFacts(validators('queue', 8)).longestDelaySeconds).toBeGreaterThan(1_000);
  });

  it('are as the document shows them', () => {
    const { pictures, tables } = createReport(chart);
    const document = readFileSync(DOCUMENT, 'utf8');
    expect(withTables(document, tables)).toBe(document);
    for (const [name, picture] of pictures) {
      expect(readFileSync(join(PICTURES, name), 'utf8')).toBe(picture);
      expect(document).toContain(`(autoscaling/${name})`);
    }
  });
});
