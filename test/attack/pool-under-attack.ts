/**
 * The pool as its users start it, `./otedama up` with a configuration, on a chain where no share is a block: honest
 * miners keep their work, so that whatever they notice is the attackers' doing.
 */
import { randomBytes } from 'node:crypto';
import { type Otedama, type Scratch, scratchDirectory, startOtedama } from '@otedama/test-harness';
import { type ChainStandIn, startChainStandIn } from '../load/chain-stand-in.ts';
import { payoutAddress } from './accounts.ts';
import { type Owner, createOwner } from './owner.ts';

/** Some forty hashes: what a miner of the tests finds at once. Nobody who sends no more than wanted is given another. */
const DIFFICULTY = 1e-8;
const SHARE_INTERVAL = '250ms';
/** So few that an attack can take all connections of the API; its other limits are those of who sets none. */
const LIVE = '{max_clients: 200, max_clients_per_address: 50}';
const POOL_ACCOUNT = 9_999;

const config = ({ url, user, password }: ChainStandIn): string => `
mining: {enable: false}
pools:
  - id: btc
    coin: bitcoin
    network: regtest
    payout_address: ${payoutAddress(POOL_ACCOUNT)}
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${url}', user: '${user}', password: '${password}'}]
stratum:
  vardiff: {initial_difficulty: ${DIFFICULTY}, minimum_difficulty: ${DIFFICULTY}, maximum_difficulty: 1, target_share_interval: ${SHARE_INTERVAL}, retarget_interval: 2h}
`;

export class PoolUnderAttack implements AsyncDisposable {
  readonly otedama: Otedama;
  readonly owner: Owner;
  readonly #scratch: Scratch;
  readonly #chain: ChainStandIn;

  private constructor(otedama: Otedama, owner: Owner, scratch: Scratch, chain: ChainStandIn) {
    this.otedama = otedama;
    this.owner = owner;
    this.#scratch = scratch;
    this.#chain = chain;
  }

  static async start(): Promise<PoolUnderAttack> {
    const scratch = scratchDirectory('attack');
    const chain = await startChainStandIn({ transactions: 0 });
    const key = randomBytes(24).toString('hex');
    const otedama = await startOtedama({
      dataDir: scratch.path,
      config: config(chain),
      apiSettings: `api_key: ${key}, live: ${LIVE}`,
    });
    return new PoolUnderAttack(otedama, await createOwner(otedama.api, key), scratch, chain);
  }

  get pid(): number {
    return this.otedama.process.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.otedama.stop();
    await this.#chain.stop();
    this.#scratch.remove();
  }
}
