/** A daemon of a merge-mined chain in memory: takes a proof only when independent code finds no fault in it. */
import { createHash } from 'node:crypto';
import { findAuxPowFault, parseAuxPow } from '@otedama/bitcoin-family/testing';
import { findCoin, targetFromLe } from '@otedama/chain-params';
import {
  type AuxBlock,
  type AuxDaemon,
  DaemonError,
  type DaemonErrorCode,
  type SubmitResult,
} from '@otedama/daemon-rpc';
import { FakeDaemon } from '@otedama/daemon-rpc/testing';
import type { MergedCoin } from '../aux/aux-work.ts';
import { REGTEST_TARGET } from './fixtures.ts';
import { proofs } from './js-verifier.ts';

const dogecoin = findCoin('dogecoin', 'regtest');
if (dogecoin?.auxPow === undefined) throw new Error('no Dogecoin on regtest');
export const DOGECOIN: MergedCoin = { ...dogecoin, auxPow: dogecoin.auxPow };
/** Its payout address on regtest. */
export const DOGE_PAYOUT = 'mfcGAzvis9JQAb6avB6WBGiGrgWzLxuGaC';

export class FakeAuxDaemon extends FakeDaemon implements AuxDaemon {
  readonly coin: MergedCoin;
  readonly proofs: { readonly hash: string; readonly proof: string }[] = [];
  /** What the proofs were refused for. */
  readonly faults: string[] = [];
  /** Hashes of the blocks of ours on its chain. */
  readonly taken: string[] = [];
  target = REGTEST_TARGET;
  /** Another one makes another block on the same tip, as new transactions do. */
  variant = 0;
  auxFailure: DaemonErrorCode | undefined;
  /** What it says in place of the truth. */
  lies: Partial<AuxBlock> = {};
  auxCalls = 0;
  /** Once, in place of the judgement. */
  beforeJudging: () => Promise<void> = () => Promise.resolve();
  #kept = new Set<string>();

  constructor(name: string, coin: MergedCoin = DOGECOIN) {
    super(name);
    this.coin = coin;
    this.genesis = coin.genesisHash;
    this.moveTo(100);
  }

  /** As after its restart: the blocks that it made are forgotten. */
  forget(): void {
    this.#kept = new Set();
  }

  createAuxBlock(): Promise<AuxBlock> {
    this.auxCalls++;
    const failure = this.auxFailure ?? this.failure;
    if (failure !== undefined) {
      const fields = { daemon: this.name, method: 'createauxblock', detail: `fake ${failure}` };
      return Promise.reject(new DaemonError(failure, fields));
    }
    const hash = createHash('sha256').update(`${this.name} ${this.tip} ${this.variant}`).digest('hex');
    this.#kept.add(hash);
    return Promise.resolve({
      hash,
      chainId: this.coin.auxPow.chainId,
      previousBlockHash: this.tip,
      height: this.height + 1,
      coinbaseValueAtomic: 1_000_000_000_000n,
      bits: 0x207fffff,
      target: this.target,
      paysTo: 'payout-address',
      ...this.lies,
    });
  }

  async submitAuxBlock(hash: string, proof: string): Promise<SubmitResult> {
    this.proofs.push({ hash, proof });
    const result = this.#judge(hash, proof);
    await this.beforeJudging();
    return result;
  }

  #judge(hash: string, proof: string): SubmitResult {
    if (!this.#kept.has(hash)) return { kind: 'rejected', reason: 'block hash unknown' };
    const fault = this.#faultOf(hash, proof);
    if (fault !== undefined) {
      this.faults.push(fault);
      return { kind: 'rejected', reason: 'the daemon refused the proof' };
    }
    this.taken.push(hash);
    this.headers.set(hash, { hash, confirmations: 1, height: this.height + 1 });
    this.moveTo(this.height + 1);
    this.forget();
    return { kind: 'accepted' };
  }

  #faultOf(hash: string, proof: string): string | undefined {
    const parsed = parseAuxPow(Buffer.from(proof, 'hex'));
    if (targetFromLe(proofs.scrypt(parsed.parentHeader)) > this.target) return 'high-hash';
    const blockHash = Buffer.from(hash, 'hex').reverse();
    return findAuxPowFault(parsed, { blockHash, ...this.coin.auxPow });
  }
}
