/** What the API makes of several services' answers: agents with their devices, a pool with the way to it, the federation. */
import { z } from 'zod';
import { gatewayStatusSchema, miningStatusSchema, poolSummarySchema } from './queries.ts';

/** An agent that has no name of its own is that of this process. */
export const LOCAL_AGENT = 'local';

export const agentSchema = miningStatusSchema.extend({ instance: z.string() });
export type Agent = z.infer<typeof agentSchema>;

export const poolDetailSchema = poolSummarySchema.extend({
  /** Where miners connect; empty while no gateway answers. */
  endpoints: gatewayStatusSchema.shape.listen,
});
export type PoolDetail = z.infer<typeof poolDetailSchema>;

export const federationSchema = z.object({
  state: z.literal('absent'),
  /** In a sentence. */
  reason: z.string(),
  peers: z.array(z.never()),
});
export type Federation = z.infer<typeof federationSchema>;
