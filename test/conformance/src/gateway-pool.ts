/** The real gateway with one pool as a recording wants it: its work, and its difficulty, which never changes. */
import { type Coin, findCoin } from '../../../libs/chain-params/src/index.ts';
import type { PoolTemplate, ShareRecord } from '../../../libs/contracts/src/index.ts';
import { POOL, TestGateway, poolConfig } from '../../../apps/stratum-gateway/src/testing/test-gateway.ts';
import type { TestGatewayOptions } from '../../../apps/stratum-gateway/src/testing/test-gateway.ts';
import type { Step } from './conversation.ts';
import type { ListeningPool, Scene } from './dialect.ts';
import type { Choices } from './wire-line.ts';

export const listening = async (gateway: TestGateway): Promise<ListeningPool> => {
  await gateway.listen();
  return { port: gateway.portOf(POOL), close: () => gateway.close() };
};

export interface RecordedWork {
  readonly coin: Coin;
  readonly template: PoolTemplate;
  readonly difficulty: number;
  /** Up to which a miner may raise it itself. */
  readonly maximumDifficulty?: number;
  readonly judge?: (share: ShareRecord) => number;
  readonly createBlobTemplate?: TestGatewayOptions['createBlobTemplate'];
}

const hex32 = (value: number): string => value.toString(16).padStart(8, '0');

/** As it is shown: the most significant half comes first in a batch. */
export const nonce64 = ({ version, nonce }: ShareRecord): string => hex32(version) + hex32(nonce);

export class GatewayPool {
  readonly gateway: TestGateway;

  constructor({ coin, template, difficulty, maximumDifficulty, judge, createBlobTemplate }: RecordedWork) {
    this.gateway = new TestGateway({
      pools: [poolConfig({ coin })],
      stratum: {
        vardiff: {
          initialDifficulty: difficulty,
          minimumDifficulty: difficulty,
          maximumDifficulty: maximumDifficulty ?? difficulty,
          targetShareIntervalMs: 10_000,
          retargetIntervalMs: 30_000,
        },
      },
      ...(createBlobTemplate === undefined ? {} : { createBlobTemplate }),
    });
    if (judge !== undefined) this.gateway.validation.judge = judge;
    this.gateway.publish(template);
  }

  /** A newer template reaches the gateway. */
  offer(template: PoolTemplate): Step {
    return { kind: 'do', act: () => this.gateway.publish(template) };
  }

  /** What the share that came first was for the validator. */
  expectShare<Seen>(read: (share: ShareRecord) => Seen, wanted: (choices: Choices) => Seen): Step {
    return {
      kind: 'do',
      act: (choices) => {
        const share = this.gateway.validation.calls[0]?.record(0);
        const seen = share === undefined ? 'nothing' : JSON.stringify(read(share));
        const expected = JSON.stringify(wanted(choices));
        if (seen !== expected) throw new Error(`${seen} reached the validator, not ${expected}`);
      },
    };
  }

  expectNoShare(): Step {
    return {
      kind: 'do',
      act: () => {
        const { sharesSeen } = this.gateway.validation;
        if (sharesSeen > 0) throw new Error(`${sharesSeen} shares reached the validator`);
      },
    };
  }

  scene(id: string, steps: readonly Step[], also: readonly string[] = []): Scene {
    return { script: { id, steps }, also, start: () => listening(this.gateway) };
  }
}

export const coinOf = (id: string, network = 'mainnet'): Coin => {
  const coin = findCoin(id, network);
  if (coin === undefined) throw new Error(`no ${id} ${network}`);
  return coin;
};

/** Whether a recorded hash is good enough for the work that the gateway asks of the share. */
export const meets = (hashHex: string, { work }: ShareRecord): boolean =>
  BigInt(`0x${hashHex}`) * work <= 1n << 256n;
