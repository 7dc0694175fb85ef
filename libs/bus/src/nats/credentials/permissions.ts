/**
 * What each service of the fleet may say and hear, and no more. Who may answer whom follows from who asks:
 * answers go to the asker's own inbox, which nobody else may hear.
 */
import {
  AUDIT_LOG,
  BLOCKS_LOG,
  CHAIN_STANDING,
  EXTRANONCE_BUCKET,
  JOBS_LOG,
  LEASES_BUCKET,
  LIVE_LOG,
  LIVE_SUBJECTS,
  SHARES_LOG,
  Subject,
  PAYEES_STREAM,
  TEMPLATES_STREAM,
  adoptSubject,
  appendedSubject,
  judgeSubject,
  keptSubject,
  keySubject,
  logSubject,
  payeesSubject,
  presenceSubject,
  templateSubject,
  transactionsSubject,
} from '@otedama/contracts';
import { gatherSubject } from '../../gather.ts';
import { subjectMatcher } from '../../subjects.ts';

export const FLEET_SERVICES = [
  'stratum-gateway',
  'share-validator',
  'pool-accounting',
  'api-gateway',
  'miner-agent',
  'p2p-federation',
] as const;
export type FleetService = (typeof FLEET_SERVICES)[number];
/** Makes the streams and buckets, and looks after the server; no service runs as it. */
export const ADMIN = 'admin';
export type FleetUser = FleetService | typeof ADMIN;

export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

interface Role {
  /** Requests that it makes. */
  readonly asks?: readonly string[];
  /** Requests that it answers. */
  readonly serves?: readonly string[];
  /** Of those, the ones that every instance answers when all are asked. */
  readonly isGathered?: readonly string[];
  readonly appends?: readonly string[];
  readonly reads?: readonly string[];
  /** Logs whose booked part it forgets. */
  readonly trims?: readonly string[];
  /** Tells its fellows what viewers see. */
  readonly sharesViews?: boolean;
  readonly leads?: boolean;
  readonly allocatesExtranonces?: boolean;
  readonly publishesTemplates?: boolean;
  readonly hearsTemplates?: boolean;
  readonly publishesPayees?: boolean;
  readonly hearsPayees?: boolean;
}

/** Who may get in: asked by the API alone. */
const ACCESS_SUBJECTS = [
  Subject.accessState,
  Subject.accessIdentify,
  Subject.accessUsers,
  Subject.accessKeys,
  Subject.accessSessions,
  Subject.accessLogin,
  Subject.accessRefresh,
  Subject.accessLogout,
  Subject.accessOwn,
  Subject.accessManage,
] as const;

const ANY_QUERY = 'query.>';
const ANY_COMMAND = 'cmd.>';

const ROLES: Readonly<Record<FleetService, Role>> = {
  'stratum-gateway': {
    asks: [judgeSubject('*'), adoptSubject('*'), transactionsSubject('*'), Subject.accountingPayoutWish],
    serves: [Subject.gatewayStatus],
    isGathered: [Subject.gatewayStatus],
    allocatesExtranonces: true,
    hearsTemplates: true,
  },
  'share-validator': {
    serves: [
      judgeSubject('*'),
      adoptSubject('*'),
      transactionsSubject('*'),
      Subject.validatorStatus,
      CHAIN_STANDING,
    ],
    isGathered: [Subject.validatorStatus],
    appends: [SHARES_LOG, BLOCKS_LOG, JOBS_LOG],
    reads: [JOBS_LOG],
    leads: true,
    publishesTemplates: true,
    hearsTemplates: true,
    hearsPayees: true,
  },
  'pool-accounting': {
    asks: [CHAIN_STANDING],
    serves: [
      Subject.accountingHealth,
      Subject.accountingPools,
      Subject.accountingStats,
      Subject.accountingWorkers,
      Subject.accountingBlocks,
      Subject.accountingBalances,
      Subject.accountingMiners,
      Subject.accountingMiner,
      Subject.accountingHashrate,
      Subject.accountingRounds,
      Subject.accountingRound,
      Subject.accountingPayments,
      Subject.accountingPoolFacts,
      Subject.accountingPoolHistory,
      Subject.accountingMinerFacts,
      Subject.accountingMinerHistory,
      Subject.accountingFound,
      Subject.accountingPaid,
      Subject.accountingPaidDays,
      Subject.accountingBalanceChanges,
      Subject.accountingSettlement,
      Subject.accountingStatement,
      Subject.accountingReceipts,
      Subject.accountingShares,
      Subject.accountingShareProof,
      Subject.accountingPayoutWish,
      Subject.payoutBatches,
      Subject.payoutPlan,
      Subject.payoutDecide,
      Subject.auditEntries,
      ...ACCESS_SUBJECTS,
    ],
    isGathered: [Subject.accountingHealth],
    reads: [SHARES_LOG, BLOCKS_LOG, AUDIT_LOG],
    trims: [SHARES_LOG, AUDIT_LOG],
    hearsTemplates: true,
    publishesPayees: true,
  },
  'api-gateway': {
    asks: [ANY_QUERY, ANY_COMMAND, gatherSubject(ANY_QUERY)],
    appends: [AUDIT_LOG],
    reads: [BLOCKS_LOG],
    sharesViews: true,
  },
  'miner-agent': {
    serves: [Subject.miningStart, Subject.miningStop, Subject.miningStatus],
    isGathered: [Subject.miningStatus],
  },
  'p2p-federation': { reads: [BLOCKS_LOG], leads: true },
};

export const inboxPrefix = (user: FleetUser): string => `_INBOX_${user}`;

const jsApi = (call: string): string => `$JS.API.${call}`;

/** Read by its own short-lived consumer, or one entry from the leader. */
const reading = (log: string): string[] => [
  jsApi(`STREAM.INFO.${log}`),
  jsApi(`STREAM.MSG.GET.${log}`),
  jsApi(`CONSUMER.CREATE.${log}.>`),
  jsApi(`CONSUMER.DELETE.${log}.*`),
  jsApi(`CONSUMER.MSG.NEXT.${log}.*`),
];

const bucket = (name: string): Permissions => ({
  publish: [keySubject(name, '>'), jsApi(`STREAM.MSG.GET.KV_${name}`)],
  subscribe: [keptSubject(keySubject(name, '>'))],
});

/** The last values of a stream. */
const hearing = (stream: string, subject: string): Permissions => ({
  publish: [jsApi(`DIRECT.GET.${stream}`), jsApi(`DIRECT.GET.${stream}.>`)],
  subscribe: [keptSubject(subject)],
});

/** What viewers see, said and read by all who show it. */
const views: Permissions = {
  publish: [LIVE_SUBJECTS, ...reading(LIVE_LOG)],
  subscribe: [appendedSubject(`${LIVE_LOG}.>`)],
};

const served = ({ serves = [], isGathered = [] }: Role): string[] => [
  ...serves,
  ...isGathered.map(gatherSubject),
];

const isAskedBy = (subject: string, { asks = [] }: Role): boolean =>
  asks.some((asked) => asked === subject || subjectMatcher(asked)(subject));

/** Inboxes of those who ask what it serves. */
const answers = (role: Role): string[] =>
  FLEET_SERVICES.filter((other) => served(role).some((subject) => isAskedBy(subject, ROLES[other]))).map(
    (other) => `${inboxPrefix(other)}.>`,
  );

const permissionsOf = (service: FleetService): Permissions => {
  const role = ROLES[service];
  const { appends = [], reads = [], trims = [] } = role;
  const parts: Permissions[] = [
    { publish: [presenceSubject(service, '*')], subscribe: [presenceSubject('*', '*')] },
    { publish: [], subscribe: [`${inboxPrefix(service)}.>`] },
    { publish: [...(role.asks ?? []), ...answers(role)], subscribe: served(role) },
    { publish: appends.map(logSubject), subscribe: [] },
    // A duplicate may have to be read back by whoever appended it.
    { publish: appends.map((log) => jsApi(`STREAM.MSG.GET.${log}`)), subscribe: [] },
    { publish: reads.flatMap(reading), subscribe: reads.map(appendedSubject) },
    { publish: trims.map((log) => jsApi(`STREAM.PURGE.${log}`)), subscribe: [] },
    ...(role.sharesViews === true ? [views] : []),
    ...(role.leads === true ? [bucket(LEASES_BUCKET)] : []),
    ...(role.allocatesExtranonces === true ? [bucket(EXTRANONCE_BUCKET)] : []),
    ...(role.publishesTemplates === true ? [{ publish: [templateSubject('*')], subscribe: [] }] : []),
    ...(role.hearsTemplates === true ? [hearing(TEMPLATES_STREAM, templateSubject('*'))] : []),
    ...(role.publishesPayees === true ? [{ publish: [payeesSubject('*')], subscribe: [] }] : []),
    ...(role.hearsPayees === true ? [hearing(PAYEES_STREAM, payeesSubject('*'))] : []),
  ];
  const unique = (subjects: readonly string[]): string[] => [...new Set(subjects)].sort();
  return {
    publish: unique(parts.flatMap(({ publish }) => publish)),
    subscribe: unique(parts.flatMap(({ subscribe }) => subscribe)),
  };
};

export const fleetPermissions = (user: FleetUser): Permissions =>
  user === ADMIN ? { publish: ['>'], subscribe: ['>'] } : permissionsOf(user);
