/**
 * A template as these dialects show it. Immutable, made once per pool: its hex is shared by all sessions. Jobs of
 * it are told apart by the last two digits of their id, the terms that they were given under.
 */
import { type Algorithm, targetToDifficulty } from '@otedama/chain-params';
import { type TemplateHead, encodeHex } from '@otedama/stratum';

/** The parts of a pool's template that these protocols need; field by field as in the contracts. */
export interface WorkTemplate extends TemplateHead {
  /** 32 bytes each, in the order they are shown and hashed. */
  readonly headerHash: Uint8Array;
  readonly seedHash: Uint8Array;
  readonly epoch: number;
}

export class Work {
  readonly template: WorkTemplate;
  readonly headerHex: string;
  readonly seedHex: string;
  readonly networkDifficulty: number;

  constructor(algorithm: Algorithm, template: WorkTemplate) {
    this.template = template;
    this.headerHex = encodeHex(template.headerHash);
    this.seedHex = encodeHex(template.seedHash);
    this.networkDifficulty = targetToDifficulty(algorithm, template.networkTarget);
  }
}
