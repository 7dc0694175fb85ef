/** The real gateway with a pool as recordings of Stratum V1 want it. */
import { type BitcoinCoin, findCoin, parseAddress } from '../../../libs/chain-params/src/index.ts';
import { POOL, TestGateway, poolConfig } from '../../../apps/stratum-gateway/src/testing/test-gateway.ts';
import type { ListeningPool } from './dialect.ts';

export type Template = Parameters<TestGateway['offer']>[0];

/** Far enough from everything recorded that a difficulty that was asked for is told from the first one. */
const VARDIFF = {
  initialDifficulty: 1500,
  minimumDifficulty: 0.001,
  maximumDifficulty: 1e9,
  targetShareIntervalMs: 10_000,
  retargetIntervalMs: 30_000,
};

const coinOf = (network: string): BitcoinCoin => {
  const coin = findCoin('bitcoin', network);
  if (coin?.family !== 'bitcoin') throw new Error(`no bitcoin ${network}`);
  return coin;
};

/** The network on which the user's address is one; undefined for what a recording has crossed out. */
export const networkOf = (user: string): string | undefined =>
  ['mainnet', 'testnet', 'regtest'].find((network) => {
    const coin = findCoin('bitcoin', network);
    return coin !== undefined && parseAddress(coin, user.split('.')[0] ?? '').ok;
  });

export class RecordedPool {
  readonly gateway: TestGateway;
  #jobKey = 0x100;

  constructor(network: string, versionRollingMask = 0x1fffe000) {
    const coin = { ...coinOf(network), versionRollingMask };
    this.gateway = new TestGateway({ pools: [poolConfig({ coin })], stratum: { vardiff: VARDIFF } });
    this.offer({ versionMask: versionRollingMask });
  }

  /** A new template under a difficulty of the network that limits nobody. */
  offer(over: Template): void {
    this.#jobKey += 1;
    this.gateway.offer({ jobKey: this.#jobKey, networkTarget: 1n << 180n, ...over });
  }

  async listen(): Promise<ListeningPool> {
    await this.gateway.listen();
    return { port: this.gateway.portOf(POOL), close: () => this.gateway.close() };
  }
}
