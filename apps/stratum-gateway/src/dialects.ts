/**
 * Which protocol the miners of a pool speak, by the family of its coin. A dialect's own types end here: the
 * listener and its connections see sessions, events and effects only.
 */
import { type Algorithm, parseAddress } from '@otedama/chain-params';
import type { MinerProfile, PoolConfig, StratumConfig } from '@otedama/config';
import type { PoolTemplate } from '@otedama/contracts';
import {
  type CoreEnv,
  type Dialect,
  type MinerSession,
  type SessionEvent,
  ShareTargets,
  WorkBook,
} from '@otedama/stratum';
import { stratumEthereum } from '@otedama/stratum-ethereum';
import { stratumKawpow } from '@otedama/stratum-kawpow';
import { type AgentMinimum, stratumMonero } from '@otedama/stratum-monero';
import { type ProfileRow, Work, type WorkTemplate, stratumV1 } from '@otedama/stratum-v1';
import { type CreateBlobTemplate, createBlobOf } from './blobs.ts';
import type { GatewayLimits } from './limits.ts';
import { isTrialChain, vardiffDefaults } from './vardiff-defaults.ts';

export type HostedEvent = SessionEvent<unknown>;
export type HostedSession = MinerSession<unknown>;

/** What new work is to the sessions that follow: a line, and the work to catch up with later. */
export interface CommonWork {
  readonly parts: readonly Buffer[];
  readonly work: unknown;
}

export interface HostedNews {
  /** For every session, or for those that do not follow. */
  readonly event: HostedEvent;
  readonly common: CommonWork | undefined;
  /** All sessions have heard of it. */
  reachedAll(): void;
}

export interface HostedDialect {
  /** Length of the extranonce1 that its sessions lease. */
  readonly extranonce1Bytes: number;
  /** Its miners can name the session they had. */
  readonly resumes: boolean;
  readonly jobHeight: number | undefined;
  readonly stoppedReason: string | undefined;
  take(template: PoolTemplate): HostedNews;
  /** The event is for every session. */
  stop(reason: string): HostedEvent;
  open(nowMs: number): HostedSession;
}

export class DialectError extends Error {
  override readonly name = 'DialectError';
  readonly code = 'OTHER_FAMILY';
}

type OfFamily<Family extends PoolTemplate['family']> = Extract<PoolTemplate, { family: Family }>;

/** What a template builds on, as far as it says. */
const tipOf = (template: PoolTemplate): string => {
  switch (template.family) {
    case 'bitcoin':
      return Buffer.from(template.prevHash).toString('hex');
    case 'cryptonote':
      return Buffer.from(template.prevId).toString('hex');
    case 'ethash':
    case 'kawpow':
      return String(template.height);
    default:
      return template satisfies never;
  }
};

const host = <Family extends PoolTemplate['family'], Work>(
  family: Family,
  { book, extranonce1Bytes, resumes, open, commonLine }: Dialect<OfFamily<Family>, Work>,
): HostedDialect => {
  const isMine = (template: PoolTemplate): template is OfFamily<Family> => template.family === family;
  let jobHeight: number | undefined;
  let lastTip: string | undefined;
  let lastWork: Work | undefined;
  /** By works that newer ones overtook before all had heard of them. */
  let isCleanOwed = false;
  let isEventOwed = false;
  const common = (work: Work, cleanJobs: boolean): CommonWork | undefined => {
    const before = lastWork;
    lastWork = work;
    isCleanOwed ||= cleanJobs;
    const line = before === undefined || isEventOwed ? undefined : commonLine?.(before, work, isCleanOwed);
    isEventOwed = line === undefined;
    return line && { parts: [line], work };
  };
  return {
    extranonce1Bytes,
    resumes,
    get jobHeight() {
      return jobHeight;
    },
    get stoppedReason() {
      return book.stoppedReason;
    },
    take(template) {
      if (!isMine(template)) {
        throw new DialectError(`a template of family ${template.family} on a port for ${family}`);
      }
      jobHeight = template.height;
      const tip = tipOf(template);
      // The one that made older work stale may have been missed: a bus that was away has only the newest.
      const cleanJobs = template.cleanJobs || tip !== lastTip;
      lastTip = tip;
      const work = book.add({ ...template, cleanJobs });
      return {
        event: { kind: 'work', work },
        common: common(work, cleanJobs),
        reachedAll() {
          // What came meanwhile is still on its way.
          if (work !== lastWork) return;
          isCleanOwed = false;
          isEventOwed = false;
        },
      };
    },
    stop(reason) {
      book.stop(reason);
      return { kind: 'work-stopped', reason };
    },
    open,
  };
};

/** No fork to another variant has a date yet. */
const RANDOMX_NAME = 'rx/0';

/** NiceHash refuses pools that give its order less: minimum of its RandomXmonero stratum. */
const MONERO_AGENT_MINIMUMS = [{ agent: 'nicehash', difficulty: 280_000 }] as const;

/** A pool has one algorithm, so its operator names no other. */
const profileRow =
  (algorithm: Algorithm) =>
  ({ minimumDifficulty, hashrateHs, ...row }: MinerProfile): ProfileRow => ({
    ...row,
    ...(minimumDifficulty === undefined ? {} : { minimumDifficulty: { [algorithm]: minimumDifficulty } }),
    ...(hashrateHs === undefined ? {} : { hashrateHs: { [algorithm]: hashrateHs } }),
  });

const agentMinimum = ({ agent, minimumDifficulty }: MinerProfile): AgentMinimum[] =>
  minimumDifficulty === undefined ? [] : [{ agent, difficulty: minimumDifficulty }];

export interface DialectOptions {
  readonly pool: PoolConfig;
  readonly stratum: StratumConfig;
  readonly serverVersion: string;
  readonly limits: Pick<GatewayLimits, 'handshakeTimeoutMs' | 'idleTimeoutMs'>;
  readonly refusesWorker: CoreEnv['refusesWorker'];
  readonly createBlobTemplate: CreateBlobTemplate;
}

const coreEnv = ({ pool, stratum, serverVersion, limits, refusesWorker }: DialectOptions): CoreEnv => ({
  targets: new ShareTargets(pool.coin.algorithm),
  vardiff: stratum.vardiff ?? vardiffDefaults(pool.coin),
  ceilingByNetwork: !isTrialChain(pool.coin),
  parseAddress: (text) => parseAddress(pool.coin, text),
  refusesWorker,
  serverVersion,
  handshakeTimeoutMs: limits.handshakeTimeoutMs,
  idleTimeoutMs: limits.idleTimeoutMs,
});

export const createDialect = (options: DialectOptions): HostedDialect => {
  const { coin, profiles } = options.pool;
  const env = coreEnv(options);
  switch (coin.family) {
    case 'bitcoin': {
      const book = new WorkBook((template: WorkTemplate) => new Work(coin.algorithm, template));
      const own = profiles.map(profileRow(coin.algorithm));
      return host(
        'bitcoin',
        stratumV1({ ...env, book, versionMask: coin.versionRollingMask, profiles: own }),
      );
    }
    case 'cryptonote':
      return host(
        'cryptonote',
        stratumMonero({
          ...env,
          blobOf: createBlobOf(options.createBlobTemplate),
          variantOf: () => RANDOMX_NAME,
          agentMinimums: [...profiles.flatMap(agentMinimum), ...MONERO_AGENT_MINIMUMS],
          selfSelect:
            options.pool.viewKey === undefined ? undefined : { poolWallet: options.pool.payoutAddress },
          tls: options.pool.stratum.tls !== undefined,
        }),
      );
    case 'ethash':
      return host('ethash', stratumEthereum(env));
    case 'kawpow':
      return host('kawpow', stratumKawpow(env));
    default:
      return coin satisfies never;
  }
};
