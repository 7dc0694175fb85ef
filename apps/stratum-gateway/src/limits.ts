/**
 * What a peer can make the gateway hold, and how long it waits for what; each with its reason. None is an
 * operator's setting: tests replace some to get to the edge sooner.
 */
import type { Algorithm } from '@otedama/chain-params';
import { MAX_RECORDS } from '@otedama/contracts';
import { OFFENCE_CREDIT } from '@otedama/stratum';

export const LIMITS = {
  /** A miner connects, subscribes and authorises within a second; a slow link gets thirty. */
  handshakeTimeoutMs: 30_000,
  /** Some firmware says nothing between two shares, which vardiff keeps far below this. */
  idleTimeoutMs: 15 * 60_000,
  /**
   * Sessions are looked at this often for time-outs and silent difficulties. The shortest of these is half a minute
   * by default, and a look at ten thousand sessions takes 30 ms, in slices.
   */
  tickMs: 10_000,

  /** Of the event loop's time, what new connections have beside the shares of those who are in. */
  strangersShare: 0.5,
  /**
   * Connections that the system has accepted and nobody has looked at: everybody comes back at once after a power cut.
   * Where open files are scarce they are few, and the others wait in the system's own queue.
   */
  maxWaiting: 16_384,
  minWaiting: 64,
  listenBacklog: 4_096,
  /** A proxy sends its header at once; the specification wants no less than three seconds for it. */
  proxyHeaderTimeoutMs: 5_000,
  /** Sockets of peers that were refused and are still to read why; beyond them nobody is told. */
  maxFarewells: 64,
  /** What of the rates of reading may come at once, in seconds of them: a farm that logs in, the first shares. */
  messageBurstSeconds: 100,
  byteBurstSeconds: 32,
  addressBurstSeconds: 20,
  /** A session that has worked is read so many times as fast, beyond what its shares pay for. */
  provenPaceFactor: 5,
  /** Of one connection, before others are read: as many as a miner with many devices behind it says at once. */
  maxLinesATurn: 16,
  /** A session that is read too fast is looked at again after this at least. */
  minPauseMs: 20,
  /** Places are taken from handshakes and from logins without a share only when these have had so long. */
  handshakePatienceMs: 5_000,
  strangerPatienceMs: 10 * 60_000,
  /** An address keeps half of the room that its shares have made it. */
  creditHalfLifeMs: 60 * 60_000,
  /** Addresses and networks without connections, some 300 bytes each. */
  maxRememberedOrigins: 50_000,
  /** What counts for and against somebody fades by half in so long. */
  conductHalfLifeMs: 10 * 60_000,
  /** Of most invalid shares (libs/stratum/src/rejects.ts), and what an accepted one makes up for. */
  offencePoints: 2,
  acceptedSharePoints: OFFENCE_CREDIT,
  /** Addresses, accounts and workers of nobody who is connected, some 300 bytes each. */
  maxRememberedConducts: 50_000,
  /**
   * Where verifying is expensive: shares of a session that may be verified before one of them was accepted, at most
   * with those that its work has earned, and how many a second it is forgiven. The same for all sessions of an address
   * that never had a share accepted: a house of hundreds of miners that starts has so many at once.
   */
  verifyStart: 4,
  verifyMost: 64,
  verifyPerSecond: 1,
  verifyAddressStart: 64,
  verifyAddressMost: 4_096,
  verifyAddressPerSecond: 4,
  /** Bans that are logged one by one; of more only how many. */
  bansReportedPerMinute: 10,
  /** How often is told who was refused. */
  refusalReportMs: 60_000,

  /** A job is 1 to 3 KiB: a reader with this much unread has missed hundreds of them. */
  maxSendQueueBytes: 1024 * 1024,
  /** Replies a connection may wait for before it is read no further, well below what the session closes for. */
  maxUnanswered: 512,
  resumeReplies: 256,

  /** Work comes every half minute at least; without any news for so long there is nobody who gives it. */
  silentWorkMs: 120_000,

  /** Shares are gathered this long; a full batch does not wait (docs/adr/0003). */
  batchWindowMs: 1,
  /** A batch has room for so many. */
  maxBatchShares: MAX_RECORDS,
  /** One commit is shared by what is in flight; more would only add to the latency. */
  maxBatchesInFlight: 4,
  /**
   * A batch that is not full waits while so many are in flight: a batch costs the validator, the log and the books as
   * much as a dozen shares, so the busier they are the larger batches become.
   */
  maxPartialInFlight: 1,
  /** But no longer than this: one of its shares may be a block, which does not wait for a log that is away. */
  maxGatherMs: 10,
  /**
   * A batch that is under way for so long waits for a log that is away. It is judged by then, and makes room for the
   * next: there may be a block in that one, and blocks do not wait for the log.
   */
  stuckAfterMs: 500,
  /** All that is under way; 50 kB each at most. */
  maxFlights: 256,
  /** With so many stuck, batches are gathered for longer: there is room for the whole deadline of a small pool. */
  manyStuck: 8,
  stuckGatherMs: 250,
  /** Full batches that wait for a place in flight before the sockets are paused. */
  maxBatchesWaiting: 4,
  /** After each batch the lane rests for so many times as long as the batch took, at most `maxRestMs`. */
  restRatio: 0,
  maxRestMs: 1_000,
  /** Rejects are written with the shares; without shares about this often. */
  tallyIntervalMs: 1_000,

  /** The log is tried again with growing pauses for this long; then miners are told nothing and sent away. */
  durableDeadlineMs: 60_000,
  retryFirstMs: 100,
  retryMaxMs: 5_000,

  /** Sockets are written for so long before the event loop gets a turn. */
  broadcastSliceMs: 5,

  /** Histories of gone sessions kept for their return, and the shares in them (some 100 bytes each). */
  maxResumable: 20_000,
  maxResumableShares: 1_000_000,
  /** A ticket lives so long after it was written, and is written again so often while its session lives. */
  resumeTtlMs: 10 * 60_000,
  ticketRefreshMs: 2 * 60_000,
  /** Tickets in memory, some 300 bytes each. */
  maxTickets: 100_000,
  /** What an extranonce rests beyond the life of its ticket: clocks of gateways and Redis differ by less. */
  restMarginMs: 60_000,
  maxRestingExtranonces: 100_000,
  /** A session waits so long for an extranonce while the block store is away. */
  extranonceWaitMs: 5_000,

  /** Miners of a gateway that stops are sent elsewhere at this distance, or a shorter one where they are many. */
  moveEachMs: 10,
  /** Shares in flight get this long to be answered when the gateway stops; then sockets close. */
  drainDeadlineMs: 5_000,
  /** A peer that is sent away gets this long to take what is still in its socket. */
  byeMs: 1_000,
  /** What it says meanwhile is read and thrown away, so far: its last shares, not the rest of a flood. */
  maxIgnoredBytes: 16 * 1024,
} as const;

export type GatewayLimits = { readonly [Name in keyof typeof LIMITS]: number };

/**
 * Verifying a share of RandomX takes the pool ten milliseconds of a core, and making one up takes nothing. So
 * batches are small, that no share waits long for the others of its batch; and sessions that never had a share
 * accepted wait in a lane of their own, whose few shares at a time and rests in between leave the machine to the
 * others: junk gets a quarter of one core at most, and less the busier the validator is.
 */
const EXPENSIVE = {
  proven: { maxBatchShares: 8, maxBatchesInFlight: 8, maxPartialInFlight: 8 },
  unproven: { maxBatchShares: 2, maxBatchesInFlight: 1, restRatio: 3 },
} as const;

type LaneLimits = Partial<
  Pick<GatewayLimits, 'maxBatchShares' | 'maxBatchesInFlight' | 'maxPartialInFlight' | 'restRatio'>
>;

/** What the lanes of an algorithm change of the limits; one lane where verification costs next to nothing. */
export const laneLimits = (
  algorithm: Algorithm,
): { readonly proven: LaneLimits; readonly unproven: LaneLimits | undefined } =>
  algorithm === 'randomx' ? EXPENSIVE : { proven: {}, unproven: undefined };

/** Verifying one share takes a millisecond of a core or more, and making one up takes nothing. */
export const isExpensive = (algorithm: Algorithm): boolean =>
  algorithm === 'randomx' || algorithm === 'kawpow' || algorithm === 'ethash' || algorithm === 'etchash';
