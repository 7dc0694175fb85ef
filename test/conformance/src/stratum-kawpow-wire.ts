/** KawPow's Stratum on the wire, and the pool's own choices. */
import type { Ear } from './conversation.ts';
import { notification, refusal, reply, topicOf } from './json-rpc.ts';
import { type Choice, type WireLine, choice } from './wire-line.ts';

/** Three bytes here, whatever the recorded pool used. */
export const extranonce: Choice = choice('extranonce', /[0-9a-f]{6}/);
export const job: Choice = choice('job', /[0-9a-f]{3,10}/);

export const refused = (id: unknown, code: number): WireLine => refusal(id, 'false', code);

export const subscribed = (id: unknown): WireLine => reply(id, ['[null,"', extranonce, '"]']);

export interface RecordedJob {
  readonly header: string;
  readonly seed: string;
  readonly height: number;
  readonly bits: string;
}

/** A target of the pool's own, or the recorded one where a difficulty gives it exactly. */
export type Target = string | Choice;
export const anyTarget: Choice = choice('target', /[0-9a-f]{64}/);

export const setTarget = (target: Target): WireLine => notification('mining.set_target', ['"', target, '"']);

export const notify = (
  { header, seed, height, bits }: RecordedJob,
  target: Target,
  clean = true,
  name: Choice = job,
): WireLine =>
  notification('mining.notify', [
    '"',
    name,
    `","${header}","${seed}","`,
    target,
    `",${clean},${height},"${bits}"`,
  ]);

export const ear: Ear = { topicOf, isFree: () => false };
