/**
 * What the API adds on top of the services' own answers: the status with the names of those that did not
 * answer, and the frames of `ws /api/ws`. The first frame is a `snapshot` with every section; each `update`
 * carries the sections that changed, whole. A section that never had an answer is absent.
 */
import { z } from 'zod';

import { balanceSchema, blockSchema, statsSchema, statusSchema, workerSchema } from './queries.ts';

export const statusPartSchema = z.enum(['accounting', 'validator', 'gateway', 'miner']);
export type StatusPart = z.infer<typeof statusPartSchema>;

export const apiStatusSchema = statusSchema.extend({
  /** Services that did not answer; their part of the status is empty. */
  unavailable: z.array(statusPartSchema),
});
export type ApiStatus = z.infer<typeof apiStatusSchema>;

export const liveFrameSchema = z.object({
  type: z.enum(['snapshot', 'update']),
  atMs: z.number().int(),
  status: apiStatusSchema.optional(),
  stats: statsSchema.optional(),
  workers: z.array(workerSchema).optional(),
  blocks: z.array(blockSchema).optional(),
  balances: z.array(balanceSchema).optional(),
});
export type LiveFrame = z.infer<typeof liveFrameSchema>;
export type LiveSection = Exclude<keyof LiveFrame, 'type' | 'atMs'>;
