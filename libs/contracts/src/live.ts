/**
 * What the API adds on top of the services' own answers: the status with the names of those that did not
 * answer, and all that is said on `ws /api/ws` ([docs/websocket.md](../../../docs/websocket.md)). Each topic
 * is a document; the first frame of it is whole, each one after it is a merge patch (RFC 7396).
 */
import { z } from 'zod';

import { roleSchema } from './access.ts';
import { MAX_TOPIC_LENGTH } from './live/topics.ts';
import { balanceSchema, blockSchema, poolSummarySchema, statusSchema, workerSchema } from './queries.ts';

export const statusPartSchema = z.enum(['accounting', 'validator', 'gateway', 'miner']);
export type StatusPart = z.infer<typeof statusPartSchema>;

export const apiStatusSchema = statusSchema.extend({
  /** Services that did not answer; their part of the status is empty. */
  unavailable: z.array(statusPartSchema),
});
export type ApiStatus = z.infer<typeof apiStatusSchema>;

const unixMs = z.number().int();
const sequence = z.number().int().nonnegative();

/** `status`. Pools by their id. */
export const liveStatusSchema = apiStatusSchema.omit({ uptimeSeconds: true, pools: true }).extend({
  /** Since when there has been an API. */
  startedAtMs: unixMs,
  pools: z.record(z.string(), poolSummarySchema),
});
export type LiveStatus = z.infer<typeof liveStatusSchema>;

/** `blocks`: the newest of all pools, by `coin/hash`. */
export const liveBlocksSchema = z.object({ blocks: z.record(z.string(), blockSchema) });
export type LiveBlocks = z.infer<typeof liveBlocksSchema>;

/** `pool:ID`. Points of the hash rate by their time, workers by `address/worker`, balances by `address/coin`. */
export const livePoolSchema = z.object({
  pool: poolSummarySchema,
  points: z.record(z.string(), z.object({ hashrateHs: z.number(), shares: z.number().int() })),
  workers: z.record(z.string(), workerSchema),
  balances: z.record(z.string(), balanceSchema),
});
export type LivePool = z.infer<typeof livePoolSchema>;

export const alertKindSchema = z.enum([
  'block-found',
  'block-orphaned',
  'worker-offline',
  'worker-online',
  'daemon-lost',
  'pool-stopped',
  'books-degraded',
  'payouts-degraded',
  'pps-breaker-open',
]);
export type AlertKind = z.infer<typeof alertKindSchema>;
export const alertSeveritySchema = z.enum(['info', 'warning', 'critical']);
export type AlertSeverity = z.infer<typeof alertSeveritySchema>;

export const liveAlertSchema = z.object({
  kind: alertKindSchema,
  severity: alertSeveritySchema,
  atMs: unixMs,
  /** Of a trouble that is over. */
  endedAtMs: unixMs.optional(),
  poolId: z.string().optional(),
  coin: z.string().optional(),
  height: z.number().int().optional(),
  hash: z.string().optional(),
  worker: z.string().optional(),
  daemon: z.string().optional(),
  /** For people. */
  detail: z.string().optional(),
});
export type LiveAlert = z.infer<typeof liveAlertSchema>;

/** `alerts`, `alerts:operator`: the newest, by an id that one trouble keeps. */
export const liveAlertsSchema = z.object({ alerts: z.record(z.string(), liveAlertSchema) });
export type LiveAlerts = z.infer<typeof liveAlertsSchema>;

/** `miner:POOL:ADDRESS`. As in `pool:ID`. */
export const liveMinerSchema = z.object({
  workers: z.record(z.string(), workerSchema),
  balances: z.record(z.string(), balanceSchema),
  alerts: z.record(z.string(), liveAlertSchema),
});
export type LiveMiner = z.infer<typeof liveMinerSchema>;

/** The `seq` and the `atMs` of a frame: a number alone may mean another message in another life of the stream. */
export const livePositionSchema = z.strictObject({ seq: sequence, atMs: unixMs });
export type LivePosition = z.infer<typeof livePositionSchema>;

/** Of one client; also of one message. */
export const MAX_LIVE_TOPICS = 32;
const MAX_TOKEN_LENGTH = 2_048;

const topicName = z.string().min(1).max(MAX_TOPIC_LENGTH);

/** What a client may say. */
export const liveRequestSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('authenticate'), token: z.string().min(1).max(MAX_TOKEN_LENGTH) }),
  z.strictObject({
    type: z.literal('subscribe'),
    topics: z
      .array(z.strictObject({ topic: topicName, after: livePositionSchema.optional() }))
      .min(1)
      .max(MAX_LIVE_TOPICS),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), topics: z.array(topicName).min(1).max(MAX_LIVE_TOPICS) }),
]);
export type LiveRequest = z.infer<typeof liveRequestSchema>;

const members = z.record(z.string(), z.unknown());

/** What a client is told. */
export const liveFrameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    atMs: unixMs,
    /** Something comes at least this often. */
    heartbeatMs: z.number().int(),
    maxTopics: z.number().int(),
    /** Known by a cookie or a key that came with the connection. */
    role: roleSchema.optional(),
  }),
  z.object({ type: z.literal('authenticated'), role: roleSchema, name: z.string() }),
  z.object({
    type: z.literal('snapshot'),
    topic: z.string(),
    seq: sequence,
    atMs: unixMs,
    state: members,
  }),
  z.object({
    type: z.literal('delta'),
    topic: z.string(),
    /** The sequence of the topic's frame before this one. */
    after: sequence,
    seq: sequence,
    atMs: unixMs,
    patch: members,
  }),
  /** What was missed follows as deltas. */
  z.object({ type: z.literal('resumed'), topic: z.string(), seq: sequence }),
  /** What was missed is no longer kept, or the stream began anew: a snapshot follows. */
  z.object({ type: z.literal('reset'), topic: z.string(), reason: z.enum(['missed', 'restarted']) }),
  z.object({
    type: z.literal('unsubscribed'),
    topic: z.string(),
    reason: z.enum(['asked', 'unknown', 'expired']),
  }),
  z.object({
    type: z.literal('error'),
    code: z.enum(['bad-message', 'bad-topic', 'too-many-topics', 'unauthorized', 'forbidden']),
    detail: z.string(),
    topic: z.string().optional(),
  }),
  z.object({ type: z.literal('heartbeat'), atMs: unixMs }),
]);
export type LiveFrame = z.infer<typeof liveFrameSchema>;

/** An entry of the stream that all API gateways follow. The document itself comes along every so often. */
export const liveMessageSchema = z.strictObject({
  topic: topicName,
  atMs: unixMs,
  /** Made of what the services answer: for a while nobody need ask them again. Else a block was announced. */
  isReading: z.boolean(),
  patch: members,
  state: members.optional(),
});
export type LiveMessage = z.infer<typeof liveMessageSchema>;
