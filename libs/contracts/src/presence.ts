/** What each instance of a service says of itself every second, on `presence.<service>.<id>`. */
import { z } from 'zod';

const token = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
/** Of all status values together. */
const MAX_STATUS_FIELDS = 32;

const presenceSchema = z.object({
  service: token,
  /** Of this run of the instance: a restart is another one. */
  id: token,
  version: z.string().max(64),
  startedAtMs: z.number().int(),
  /** A few figures for whoever looks at the fleet. */
  status: z
    .record(z.string().max(64), z.union([z.string().max(256), z.number(), z.boolean()]))
    .refine((status) => Object.keys(status).length <= MAX_STATUS_FIELDS, 'too many fields'),
  /** The last word of an instance that stops in good order. */
  leaving: z.boolean(),
});
export type InstancePresence = z.infer<typeof presenceSchema>;

export const encodePresence = (instance: InstancePresence): Buffer =>
  Buffer.from(JSON.stringify(presenceSchema.parse(instance)), 'utf8');

/** Undefined for whatever is not a presence. */
export const decodePresence = (bytes: Uint8Array): InstancePresence | undefined => {
  try {
    return presenceSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return undefined;
  }
};
