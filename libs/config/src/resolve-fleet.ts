/** What a service of a fleet needs beyond its own work: the servers that join them, and its name among them. */
import { type ResolveContext, absolutePath, readSecret } from './context.ts';
import type { NatsConfig, RedisConfig, Secret, ServiceConfig } from './model.ts';
import { pemFile } from './resolve-tls.ts';
import { createSecret } from './secret.ts';
import { parseRedisUrl } from './values.ts';

const DEFAULT_DRAIN_MS = 25_000;
const TLS_KEYS = ['ca_file', 'cert_file', 'key_file'] as const;

const resolveNatsTls = (context: ResolveContext): NatsConfig['tls'] => {
  const { raw, report } = context;
  const given = TLS_KEYS.map((key) => raw.nats?.[key]);
  if (given.every((file) => file === undefined) || !context.uses('nats')) return undefined;
  const [caFile, certFile, keyFile] = TLS_KEYS.map((key, index) => {
    const file = given[index];
    return file === undefined ? undefined : pemFile(context, { file, path: ['nats', key] });
  });
  if ((raw.nats?.cert_file === undefined) !== (raw.nats?.key_file === undefined)) {
    const [has, lacks] =
      raw.nats?.cert_file === undefined ? ['key_file', 'cert_file'] : ['cert_file', 'key_file'];
    report.problem(['nats', has], `needs "${lacks}" beside it`);
  }
  return { caFile, certFile, keyFile };
};

export const resolveNats = (context: ResolveContext): NatsConfig | undefined => {
  const { nats } = context.raw;
  if (nats === undefined) return undefined;
  const tls = resolveNatsTls(context);
  if (nats.servers === undefined) {
    if (TLS_KEYS.some((key) => nats[key] !== undefined) || nats.credentials_dir !== undefined) {
      const allowed = ['nats://host:port'];
      context.report.problem(['nats', 'servers'], 'is required: what else is here is for them', allowed);
    }
    return undefined;
  }
  const dir = nats.credentials_dir;
  return {
    servers: nats.servers,
    credentialsDir: dir === undefined ? undefined : absolutePath(context, dir),
    tls,
    replicas: nats.replicas ?? 1,
  };
};

export const resolveRedis = (context: ResolveContext): RedisConfig => {
  const { redis } = context.raw;
  const url = readSecret(context, ['redis'], 'url', {
    part: 'redis',
    value: redis?.url,
    file: redis?.url_file,
  });
  const isChecked = url === undefined || redis?.url !== undefined || !context.uses('redis');
  return { url: isChecked ? url : checkedFile(context, url) };
};

/** What stands in a file has not been through the schema. */
const checkedFile = (context: ResolveContext, url: Secret): Secret | undefined => {
  const checked = parseRedisUrl(url.reveal());
  if (checked !== undefined) return createSecret(checked);
  context.report.problem(['redis', 'url_file'], 'holds no Redis URL', ['redis://host:port']);
  return undefined;
};

export const resolveService = ({ raw }: ResolveContext): ServiceConfig => ({
  instance: raw.service?.instance,
  drainMs: raw.service?.drain_time ?? DEFAULT_DRAIN_MS,
});
