/** Templates of the families beside Bitcoin's, for tests of the gateway; their bytes mean nothing. */
import type { CryptonoteTemplate, EthashTemplate, KawpowTemplate, TemplateHead } from '@otedama/contracts';

/** A difficulty of the network that limits nobody. */
const head: TemplateHead = {
  poolId: 'btc-test',
  jobKey: 0x1a,
  height: 100,
  networkTarget: 1n,
  cleanJobs: true,
  createdAtMs: 1_700_000_000_000,
};

export const cryptonoteTemplate = (over: Partial<CryptonoteTemplate> = {}): CryptonoteTemplate => ({
  ...head,
  family: 'cryptonote',
  majorVersion: 16,
  prevId: new Uint8Array(32).fill(1),
  seedHash: new Uint8Array(32).fill(2),
  nextSeedHash: undefined,
  header: new Uint8Array(43),
  nonceOffset: 39,
  minerTxVersion: 2,
  minerTxPrefix: Uint8Array.of(2),
  minerTxSuffix: Uint8Array.of(0),
  extraNonceBytes: 16,
  merkleBranch: new Uint8Array(0),
  txCount: 1,
  txHashes: new Uint8Array(0),
  ...over,
});

const sealed = {
  headerHash: new Uint8Array(32).fill(3),
  seedHash: new Uint8Array(32).fill(4),
  epoch: 0,
} as const;

export const ethashTemplate = (over: Partial<EthashTemplate> = {}): EthashTemplate => ({
  ...head,
  ...sealed,
  family: 'ethash',
  ...over,
});

export const kawpowTemplate = (over: Partial<KawpowTemplate> = {}): KawpowTemplate => ({
  ...head,
  ...sealed,
  family: 'kawpow',
  bits: 0x1b00c7a3,
  ...over,
});
