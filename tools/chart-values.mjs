// The shape of the chart's values. What the program says of its own configuration is put in as `config`, without the
// keys that the chart writes itself and without secrets that a file can hold.
const text = { type: 'string' };
const flag = { type: 'boolean' };
const whole = (minimum, maximum) => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
const list = (items) => ({ type: 'array', items });
const map = (values) => ({ type: 'object', additionalProperties: values });
const record = (properties, required = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length === 0 ? {} : { required }),
});
const oneOf = (...words) => ({ enum: words });

/** As Kubernetes has it, which judges it when it is applied. */
const kubernetes = { type: 'object' };
const peers = list(kubernetes);
const port = whole(1, 65_535);
const portion = { anyOf: [whole(0), { type: 'string', pattern: '^[0-9]+%$' }] };
/** Names of Secrets and of their keys; empty: none. */
const secret = { type: 'string', pattern: '^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$', maxLength: 253 };
const secretKey = { type: 'string', pattern: '^[A-Za-z0-9._-]+$', maxLength: 253 };
const range = { type: 'string', pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' };
const spread = oneOf('ScheduleAnyway', 'DoNotSchedule');

const SERVICES = ['stratum-gateway', 'share-validator', 'pool-accounting', 'api-gateway', 'miner-agent'];
const IMAGES = [...SERVICES, 'cli'];

const resources = record({
  requests: map({ type: ['string', 'number'] }),
  limits: map({ type: ['string', 'number'] }),
});

/** What the section of every service takes. */
const pod = {
  replicas: whole(0),
  preStopSeconds: whole(0, 300),
  drainSeconds: whole(7, 3_600),
  minReadySeconds: whole(0),
  maxDisrupted: portion,
  resources,
  nodeSelector: map(text),
  tolerations: list(kubernetes),
  affinity: kubernetes,
  priorityClassName: text,
  podLabels: map(text),
  podAnnotations: map(text),
  extraEnv: list(kubernetes),
  topologySpreadConstraints: list(kubernetes),
  serviceAccountAnnotations: map(text),
};
const rolling = { maxSurge: portion, maxUnavailable: portion };

const autoscaling = (targets) =>
  record({
    enabled: flag,
    minReplicas: whole(1),
    maxReplicas: whole(1),
    targetCPUPercent: whole(1, 100),
    behavior: kubernetes,
    ...targets,
  });

const tls = record({ secretName: secret });

const stratumGateway = record({
  ...pod,
  ...rolling,
  autoscaling: autoscaling({ targetConnections: whole(1) }),
  service: record({
    type: oneOf('LoadBalancer', 'NodePort', 'ClusterIP'),
    externalTrafficPolicy: oneOf('Local', 'Cluster'),
    loadBalancerSourceRanges: list(range),
    loadBalancerClass: text,
    annotations: map(text),
    onePerPool: flag,
    poolAnnotations: map(map(text)),
  }),
  proxyProtocol: record({ enabled: flag, trusted: list(range), required: flag }),
  tls,
});

const shareValidator = record({
  ...pod,
  autoscaling: autoscaling({ targetQueueDepth: { type: 'number', exclusiveMinimum: 0 } }),
  persistence: record({
    size: text,
    storageClassName: text,
    accessModes: list(oneOf('ReadWriteOnce', 'ReadWriteOncePod')),
    annotations: map(text),
  }),
});

const apiGateway = record({
  ...pod,
  ...rolling,
  autoscaling: autoscaling({}),
  service: record({ type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer'), annotations: map(text) }),
  ingress: record({
    enabled: flag,
    className: text,
    host: text,
    annotations: map(text),
    tlsSecretName: secret,
  }),
  apiKey: record({ secretName: secret, key: secretKey }),
  tls,
});

const bus = record({
  servers: list({ type: 'string', pattern: '^(nats|tls)://' }),
  replicas: oneOf(1, 3),
  credentials: record({
    secretName: secret,
    secretNames: record(Object.fromEntries([...SERVICES, 'admin'].map((user) => [user, secret]))),
  }),
  tls: record({ caSecretName: secret, caKey: secretKey, clientSecretName: secret }),
});

const networkPolicy = record({
  enabled: flag,
  ...Object.fromEntries(
    ['monitoring', 'api', 'dns', 'nats', 'database', 'cache', 'coins', 'prices', 'traces', 'upstream'].map(
      (place) => [place, peers],
    ),
  ),
});

const monitoring = record({
  serviceMonitor: record({ enabled: flag, interval: text, labels: map(text) }),
  prometheusRule: record({ enabled: flag, labels: map(text) }),
  dashboards: record({ enabled: flag, labels: map(text), annotations: map(text) }),
});

const job = record({ enabled: flag, resources });

/** A subchart: `enabled` is ours, the rest is its own. */
const subchart = { type: 'object', properties: { enabled: flag } };

/** Keys of the configuration that the chart writes. */
const OWNED = [
  ['app', 'data_dir'],
  ['stratum', 'enable'],
  ['stratum', 'enabled'],
  ['stratum', 'port_offset'],
  ['stratum', 'reuse_port'],
  ['api', 'enable'],
  ['api', 'enabled'],
  ['api', 'address'],
  ['api', 'api_key_file'],
  ['monitoring', 'metrics'],
  ['monitoring', 'health'],
  ['nats'],
  ['redis'],
  ['database'],
  ['service'],
  ['security'],
  ['playground'],
];

const without = (schema, [key, ...rest]) => {
  const { [key]: found, ...others } = schema.properties;
  return {
    ...schema,
    properties:
      rest.length === 0 || found === undefined
        ? others
        : { ...schema.properties, [key]: without(found, rest) },
  };
};

/** A secret that a file can hold is in a Secret, never in the values. */
const withoutSecrets = (schema) => {
  if (schema.items !== undefined) return { ...schema, items: withoutSecrets(schema.items) };
  if (schema.properties === undefined) return schema;
  const kept = Object.entries(schema.properties).filter(
    ([key]) => schema.properties[`${key}_file`] === undefined,
  );
  return {
    ...schema,
    properties: Object.fromEntries(kept.map(([key, child]) => [key, withoutSecrets(child)])),
  };
};

const configOf = ({ $schema: _draft, title: _title, ...schema }) =>
  OWNED.reduce(without, withoutSecrets(schema));

/** `printed`: what `otedama config schema` says. */
export const chartValuesSchema = (printed) => ({
  $schema: printed.$schema,
  title: 'Values of the chart otedama',
  ...record({
    global: kubernetes,
    nameOverride: text,
    fullnameOverride: text,
    image: record({
      registry: text,
      repository: text,
      tag: text,
      pullPolicy: oneOf('IfNotPresent', 'Always', 'Never'),
      digests: record(
        Object.fromEntries(
          IMAGES.map((name) => [name, { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }]),
        ),
      ),
    }),
    imagePullSecrets: list(record({ name: text }, ['name'])),
    config: configOf(printed),
    secretFiles: list(
      record(
        {
          name: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$' },
          secretName: secret,
          services: { type: 'array', items: oneOf(...SERVICES), minItems: 1 },
        },
        ['name', 'secretName', 'services'],
      ),
    ),
    bus,
    database: record({ secretName: secret, key: secretKey, port }),
    cache: record({ secretName: secret, key: secretKey, port }),
    migrations: job,
    streams: job,
    proof: record({ enabled: flag, schedule: text, resources }),
    jobs: record({
      backoffLimit: whole(0),
      activeDeadlineSeconds: whole(1),
      ttlSecondsAfterFinished: whole(0),
    }),
    stratumGateway,
    shareValidator,
    poolAccounting: record({ ...pod, ...rolling }),
    apiGateway,
    minerAgent: record({ ...pod, ...rolling, enabled: flag }),
    topologySpread: record({ zone: spread, host: spread }),
    networkPolicy,
    monitoring,
    nats: subchart,
    postgresql: subchart,
    redis: subchart,
  }),
});
