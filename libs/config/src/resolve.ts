/**
 * From the validated file to the `Config` that services see: defaults, and the rules that need more than one
 * key. Every finding goes to the report; the result counts only if the report is empty.
 */
import { type ResolveContext, absolutePath, readSecret } from './context.ts';
import type {
  ApiConfig,
  Config,
  ListenAddress,
  MonitoringConfig,
  Secret,
  StratumConfig,
  TracesConfig,
  VardiffConfig,
} from './model.ts';
import { type Path, formatPath } from './problem.ts';
import { resolveDefence } from './resolve-defence.ts';
import { resolveNats, resolveRedis, resolveService } from './resolve-fleet.ts';
import { resolveMining } from './resolve-mining.ts';
import { resolvePrices } from './resolve-prices.ts';
import { resolvePools } from './resolve-pools.ts';
import { resolveTls } from './resolve-tls.ts';
import { parseDatabaseUrl, parseHttpHeaders } from './values.ts';
import { createSecret } from './secret.ts';

const API_LISTEN: ListenAddress = { host: '127.0.0.1', port: 8080 };
const DAY_MS = 86_400_000;
const MIN_KEY_LENGTH = 16;

const WILDCARDS = new Set(['0.0.0.0', '::']);
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;

const resolveVardiff = ({ raw, report }: ResolveContext): VardiffConfig | undefined => {
  const given = raw.stratum?.vardiff;
  if (given === undefined) return undefined;
  const vardiff = {
    initialDifficulty: given.initial_difficulty ?? 1,
    minimumDifficulty: given.minimum_difficulty ?? 0.0001,
    maximumDifficulty: given.maximum_difficulty ?? 1e12,
    targetShareIntervalMs: given.target_share_interval ?? 10_000,
    retargetIntervalMs: given.retarget_interval ?? 60_000,
  };
  const path: Path = ['stratum', 'vardiff'];
  if (vardiff.minimumDifficulty > vardiff.maximumDifficulty) {
    report.problem([...path, 'minimum_difficulty'], 'is above maximum_difficulty');
  } else if (
    vardiff.initialDifficulty < vardiff.minimumDifficulty ||
    vardiff.initialDifficulty > vardiff.maximumDifficulty
  ) {
    report.problem(
      [...path, 'initial_difficulty'],
      'is not between minimum_difficulty and maximum_difficulty',
    );
  }
  return vardiff;
};

const resolveStratum = (context: ResolveContext): StratumConfig => ({
  enabled: context.raw.stratum?.enable ?? true,
  maxConnections: context.raw.pool?.max_connections ?? 10_000,
  maxWorkers: context.raw.stratum?.max_workers ?? 10_000,
  reusePort: context.raw.stratum?.reuse_port ?? false,
  vardiff: resolveVardiff(context),
});

const checkApiKey = (context: ResolveContext, path: Path, key: string): void => {
  if (/^your-.*-here$/.test(key)) {
    context.report.problem(path, 'is the placeholder of an example; make a key of your own');
  } else if (key.length < MIN_KEY_LENGTH) {
    context.report.problem(path, `is shorter than ${MIN_KEY_LENGTH} characters`);
  }
};

const resolveApiKey = (context: ResolveContext, authEnabled: boolean): Secret | undefined => {
  const { api } = context.raw;
  const given = { part: 'api', value: api?.api_key, file: api?.api_key_file } as const;
  const key = readSecret(context, ['api'], 'api_key', given);
  if (key !== undefined && !context.uses('api')) return key;
  if (key !== undefined) {
    checkApiKey(context, ['api', given.value === undefined ? 'api_key_file' : 'api_key'], key.reveal());
    return key;
  }
  if (authEnabled && context.uses('api')) {
    context.report.warn(
      ['api', 'auth', 'enable'],
      'without api.api_key only users may change anything: ./otedama access admin NAME makes the first',
    );
  }
  return undefined;
};

const resolveApi = (context: ResolveContext): ApiConfig => {
  const { api, security } = context.raw;
  const enabled = api?.enable ?? true;
  const listen = api?.address ?? API_LISTEN;
  const authEnabled = api?.auth?.enable ?? false;
  const wantsTls = security?.enable_tls === true && context.uses('api');
  const tls = wantsTls ? resolveTls(context, ['security', 'enable_tls'], ['security'], security) : undefined;
  if (enabled && context.uses('api') && !authEnabled && !LOOPBACK.test(listen.host)) {
    context.report.warn(
      ['api', 'address'],
      'until there is a user, whoever reaches this address is an operator: ./otedama access admin NAME',
    );
  }
  return {
    enabled,
    listen,
    tls,
    auth: {
      enabled: authEnabled,
      tokenExpiryMs: api?.auth?.token_expiry ?? DAY_MS,
      apiKey: resolveApiKey(context, authEnabled),
    },
    trustedProxies: api?.trusted_proxies ?? [],
    corsOrigins: api?.cors_origins ?? [],
    rateLimitPerSecond: api?.rate_limit ?? 10,
    live: {
      maxClients: api?.live?.max_clients ?? 10_000,
      maxClientsPerAddress: api?.live?.max_clients_per_address ?? 256,
    },
  };
};

const sameAddress = (a: ListenAddress, b: ListenAddress): boolean => a.host === b.host && a.port === b.port;

/** A tenth of a percent: with a thousand batches a second one trace a second. */
const SAMPLE_BASIS_POINTS = 10;

const resolveTraces = (context: ResolveContext): TracesConfig | undefined => {
  const traces = context.raw.monitoring?.traces;
  const section = ['monitoring', 'traces'];
  const given = { part: 'traces', value: traces?.headers, file: traces?.headers_file } as const;
  const headers = readSecret(context, section, 'headers', given);
  const isRead = headers !== undefined && context.uses('traces');
  if (isRead && parseHttpHeaders(headers.reveal()) === undefined) {
    context.report.problem([...section, 'headers_file'], 'holds no headers', ['name: value, one a line']);
  }
  if (traces?.endpoint !== undefined) {
    const { endpoint, sample = SAMPLE_BASIS_POINTS } = traces;
    return { endpoint, headers, sampleBasisPoints: sample };
  }
  if (headers !== undefined) {
    const allowed = ['http://host:4318'];
    context.report.problem([...section, 'endpoint'], 'is required: the headers are for it', allowed);
  }
  return undefined;
};

/** The API's own address is a way to say "served by the API". */
const resolveMonitoring = (context: ResolveContext, api: ApiConfig): MonitoringConfig => {
  const part = (raw: { enable?: boolean | undefined; address?: ListenAddress | undefined } | undefined) => {
    const shared = raw?.address === undefined || (api.enabled && sameAddress(raw.address, api.listen));
    return { enabled: raw?.enable ?? true, listen: shared ? undefined : raw.address };
  };
  const { monitoring } = context.raw;
  return {
    metrics: part(monitoring?.metrics),
    health: part(monitoring?.health),
    traces: resolveTraces(context),
  };
};

const resolveDatabase = (context: ResolveContext): Config['database'] => {
  const { database } = context.raw;
  const url = readSecret(context, ['database'], 'url', {
    part: 'database',
    value: database?.url,
    file: database?.url_file,
  });
  const migrate = database?.migrate ?? true;
  if (url === undefined || database?.url !== undefined || !context.uses('database')) return { url, migrate };
  const checked = parseDatabaseUrl(url.reveal());
  if (checked !== undefined) return { url: createSecret(checked), migrate };
  context.report.problem(['database', 'url_file'], 'holds no PostgreSQL URL', [
    'postgres://user@host/database',
  ]);
  return { url: undefined, migrate };
};

interface Listener {
  readonly path: Path;
  readonly listen: ListenAddress;
}

const listeners = ({ raw }: ResolveContext, config: Config): Listener[] => {
  const found: Listener[] = [];
  if (config.api.enabled) found.push({ path: ['api', 'address'], listen: config.api.listen });
  const { metrics, health } = config.monitoring;
  const isShared =
    metrics.enabled &&
    metrics.listen !== undefined &&
    health.listen !== undefined &&
    sameAddress(metrics.listen, health.listen);
  for (const [name, { enabled, listen }] of Object.entries({ metrics, health })) {
    // One listener serves both where they have one address.
    if (!enabled || listen === undefined || (name === 'health' && isShared)) continue;
    found.push({ path: ['monitoring', name, 'address'], listen });
  }
  if (!config.stratum.enabled) return found;
  for (const [index, pool] of config.pools.entries()) {
    const section: Path = raw.pools === undefined ? ['pool'] : ['pools', index];
    const inPool = raw.pools === undefined && raw.pool?.address !== undefined;
    found.push({
      path: [...section, ...(inPool ? ['address'] : ['stratum', 'address'])],
      listen: pool.stratum.listen,
    });
  }
  return found;
};

/** Port 0 is chosen by the system and meets nobody. */
const collide = (a: ListenAddress, b: ListenAddress): boolean =>
  a.port !== 0 && a.port === b.port && (a.host === b.host || WILDCARDS.has(a.host) || WILDCARDS.has(b.host));

const checkPorts = (context: ResolveContext, config: Config): void => {
  const seen: Listener[] = [];
  for (const listener of listeners(context, config)) {
    const other = seen.find((earlier) => collide(earlier.listen, listener.listen));
    if (other !== undefined) {
      context.report.problem(
        listener.path,
        `port ${listener.listen.port} is used by ${formatPath(other.path)} already`,
      );
    }
    seen.push(listener);
  }
};

const warnOfQuietEffects = (context: ResolveContext, config: Config, written: boolean): void => {
  const { raw, report } = context;
  if (raw.app?.mode !== undefined) report.warn(['app', 'mode'], 'has no effect');
  if (config.playground && written) {
    report.warn(
      ['pool'],
      'no coin is configured: this is the playground chain, whose coins are worth nothing',
    );
  }
  if (
    config.api.tls !== undefined &&
    context.uses('miners') &&
    config.pools.some((pool) => pool.stratum.tls === undefined)
  ) {
    report.warn(
      ['security', 'enable_tls'],
      'protects the API only; miners connect in the clear without stratum.tls',
    );
  }
};

/** `written`: something was configured, so that its consequences deserve a word. */
export const resolveConfig = (context: ResolveContext, written: boolean): Config => {
  const { raw, defaults } = context;
  const resolved = resolvePools(context);
  const api = resolveApi(context);
  const config: Config = {
    app: {
      name: raw.app?.name ?? 'Otedama',
      logLevel: raw.app?.log_level ?? 'info',
      dataDir: raw.app?.data_dir === undefined ? defaults.dataDir : absolutePath(context, raw.app.data_dir),
    },
    mining: resolveMining(context, resolved),
    pools: resolved.pools,
    stratum: resolveStratum(context),
    defence: resolveDefence(context),
    api,
    monitoring: resolveMonitoring(context, api),
    database: resolveDatabase(context),
    prices: resolvePrices(context),
    nats: resolveNats(context),
    redis: resolveRedis(context),
    service: resolveService(context),
    playground: resolved.playground,
  };
  checkPorts(context, config);
  warnOfQuietEffects(context, config, written);
  return config;
};
