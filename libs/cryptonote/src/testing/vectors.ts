/** Cases of test/vectors, for tests only. */
// oxlint-disable-next-line no-restricted-imports -- read by tests only, never by the library
import { readFileSync } from 'node:fs';

export const loadAll = <T>(file: string): T[] => {
  const url = new URL(`../../../../test/vectors/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: T[] }).cases;
};

export const load = <T>(file: string, kind: string): T[] =>
  loadAll<{ kind: string }>(file).filter((one) => one.kind === kind) as T[];

/** Kind `block`; times and heights are numbers, hashes plain hex. */
export interface BlockCase {
  readonly id: string;
  readonly height: number;
  readonly seed_height: number;
  readonly seed_hash: string;
  readonly major_version: number;
  readonly minor_version: number;
  readonly timestamp: number;
  readonly prev_id: string;
  readonly nonce: string;
  readonly nonce_offset: number;
  readonly block_blob: string;
  readonly miner_tx_hash: string;
  readonly tx_hashes: readonly string[];
  readonly tree_root: string;
  readonly hashing_blob: string;
  readonly block_id: string;
  readonly pow_hash: string;
  readonly pow_difficulty: string;
  readonly share_difficulty?: string;
}

/** Kind `block-template`. */
export interface TemplateCase {
  readonly id: string;
  readonly template: Readonly<Record<string, unknown>> & {
    readonly blocktemplate_blob: string;
    readonly blockhashing_blob: string;
    readonly height: number;
    readonly prev_hash: string;
    readonly reserved_offset: number;
    readonly seed_hash: string;
  };
  readonly expect: {
    readonly hashing_blob: string;
    readonly miner_tx_hash: string;
    readonly nonce_offset: number;
    readonly with_extra_nonce: {
      readonly extra_nonce: string;
      readonly at: number;
      readonly hashing_blob: string;
      readonly miner_tx_hash: string;
    };
  };
}
