/**
 * What befalls a pool, with figures that were measured: a gateway took 9,500 miners back in 10 s and told the last of
 * them of a block in 128 ms (test/load/sessions.ts); a core judges 65 shares of RandomX a second, where two are busy
 * (`./otedama bench validate`). How many miners come and go, and when, is ours to choose: hard, and none of it rare.
 */
import type { AutoscalerSpec } from '../spec.ts';
import { type GatewaySample, type GatewayWorld, simulateGateways } from './gateways.ts';
import { type ValidatorSample, type ValidatorWorld, simulateValidators } from './validators.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Of the chart, as it is rendered. */
export interface Chart {
  readonly gateways: AutoscalerSpec;
  readonly validators: AutoscalerSpec;
  readonly places: number;
  readonly gatewayDrainSeconds: number;
  readonly validatorDrainSeconds: number;
  /** Cores that a validator requests. */
  readonly validatorCores: number;
}

export interface Scenario<Sample> {
  readonly name: string;
  readonly title: string;
  readonly run: (chart: Chart) => Sample[];
}

const ramp = (now: number, from: number, until: number): number =>
  Math.min(1, Math.max(0, (now - from) / (until - from)));

const day = (now: number): number => 40_000 - 20_000 * Math.cos((2 * Math.PI * now) / (24 * HOUR));

const gatewayScenario = (
  name: string,
  title: string,
  world: Pick<GatewayWorld, 'demand' | 'seconds' | 'isBlind' | 'losses'>,
): Scenario<GatewaySample> => ({
  name,
  title,
  run: ({ gateways: spec, places, gatewayDrainSeconds: drainSeconds }) =>
    // A machine that is there, an image that is not; a miner that reconnects four times a day.
    simulateGateways({ spec, places, drainSeconds, startSeconds: 40, lifeSeconds: 6 * HOUR, ...world }),
});

export const gatewayScenarios: readonly Scenario<GatewaySample>[] = [
  gatewayScenario('day', 'A day: 20,000 miners at night, 60,000 at noon', {
    demand: day,
    seconds: 24 * HOUR,
  }),
  gatewayScenario('crowd', 'A crowd: 20,000 more within two minutes, as when another pool fails', {
    demand: (now) => 20_000 + 20_000 * ramp(now, 10 * MINUTE, 12 * MINUTE),
    seconds: 2 * HOUR,
  }),
  gatewayScenario('rented', 'Rented hash rate: 15,000 come for 20 minutes of each hour', {
    demand: (now) => 20_000 + (now % HOUR < 20 * MINUTE ? 15_000 * ramp(now % HOUR, 0, MINUTE) : 0),
    seconds: 6 * HOUR,
  }),
  gatewayScenario('blind', 'Prometheus is away for half an hour, and a machine with a gateway is lost', {
    demand: (now) => 24_000 + 12_000 * ramp(now, 20 * MINUTE, 80 * MINUTE),
    isBlind: (now) => now > 30 * MINUTE && now < HOUR,
    losses: [45 * MINUTE],
    seconds: 3 * HOUR,
  }),
];

const monero = (now: number): number =>
  300 + 600 * (ramp(now, 10 * MINUTE, 15 * MINUTE) - ramp(now, HOUR, 65 * MINUTE));

const RANDOMX_PER_CORE = 65;
/** The limits of the gateway, where verifying is expensive. */
const RANDOMX_BATCHES = { sharesPerBatch: 8, batchesOfGateway: 8 };

const validatorScenario = (
  name: string,
  title: string,
  world: Pick<ValidatorWorld, 'demand' | 'seconds' | 'gateways' | 'isCpuUnknown'>,
): Scenario<ValidatorSample> => ({
  name,
  title,
  run: ({ validators: spec, validatorDrainSeconds: drainSeconds, validatorCores }) =>
    simulateValidators({
      spec,
      drainSeconds,
      // The volume is attached, and the cache of the key is built.
      startSeconds: 60,
      cores: validatorCores,
      sharesPerCore: RANDOMX_PER_CORE,
      ...RANDOMX_BATCHES,
      ...world,
    }),
});

export const validatorScenarios: readonly Scenario<ValidatorSample>[] = [
  validatorScenario('shares', 'A pool of Monero: 300 shares a second, 900 within five minutes, and back', {
    demand: monero,
    gateways: 8,
    seconds: 2.5 * HOUR,
  }),
  validatorScenario('retarget', 'Easy difficulties: three times the shares for two minutes of each twenty', {
    demand: (now) => ((now + 10 * MINUTE) % (20 * MINUTE) < 2 * MINUTE ? 900 : 300),
    gateways: 8,
    seconds: 2 * HOUR,
  }),
  validatorScenario('queue', 'The same pool on two gateways, and nobody tells processor time', {
    demand: monero,
    gateways: 2,
    isCpuUnknown: () => true,
    seconds: 2.5 * HOUR,
  }),
];
