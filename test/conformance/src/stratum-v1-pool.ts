/** The real gateway with a pool as recordings of Stratum V1 want it, and steps that many of them have. */
import { type BitcoinCoin, findCoin, parseAddress } from '../../../libs/chain-params/src/index.ts';
import { TestGateway, poolConfig } from '../../../apps/stratum-gateway/src/testing/test-gateway.ts';
import type { Step } from './conversation.ts';
import type { ListeningPool } from './dialect.ts';
import { listening } from './gateway-pool.ts';
import { accepted, call, hear, notification } from './json-rpc.ts';
import { job, subscribed } from './stratum-v1-wire.ts';
import { type WireLine, choice } from './wire-line.ts';

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

/** Proves that the connection is still served, and that nothing else is on its way. */
export const goodbye: readonly Step[] = [
  call('end', 'mining.ping', []),
  hear(['{"id":"end","result":"pong","error":null}']),
];

export const login = (user: string): readonly Step[] => [
  call('s', 'mining.subscribe', ['conformance/1']),
  hear(subscribed('s', 4)),
  call('a', 'mining.authorize', [user, 'x']),
  hear(accepted('a')),
];

export const anyJob: WireLine = notification('mining.notify', [
  '"',
  job,
  '",',
  choice('work', /.*[^\]](?=\]\})/),
]);

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

  listen(): Promise<ListeningPool> {
    return listening(this.gateway);
  }
}
