/**
 * The submission of an auxiliary block as the block path carries it. The daemon that made the block keeps the
 * rest of it.
 */
import type { AuxDaemon } from '@otedama/daemon-rpc';
import type { BlockTaker } from '../blocks/submission.ts';

export interface AuxSubmission {
  /** Of the block, display order. */
  readonly hash: string;
  /** The parent's proof of work, hex. */
  readonly proof: string;
}

export const encodeAuxSubmission = ({ hash, proof }: AuxSubmission): string =>
  JSON.stringify({ hash, proof });

/** Of our own text, from this process or out of the spool. */
const decodeAuxSubmission = (text: string): AuxSubmission => {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'hash' in value && 'proof' in value) {
    const { hash, proof } = value;
    if (typeof hash === 'string' && typeof proof === 'string') return { hash, proof };
  }
  throw new TypeError('not the submission of an auxiliary block');
};

/** A daemon as the block path knows it: text in, verdict out. */
export const proofTaker = (daemon: AuxDaemon): BlockTaker => ({
  name: daemon.name,
  submitBlock: async (text) => {
    const { hash, proof } = decodeAuxSubmission(text);
    return daemon.submitAuxBlock(hash, proof);
  },
  preciousBlock: (hash) => daemon.preciousBlock(hash),
  getBlockHeader: (hash) => daemon.getBlockHeader(hash),
  getBlockchainInfo: () => daemon.getBlockchainInfo(),
});
