/**
 * That the NetworkPolicies let through what the configuration of each pod makes it reach, and what has to reach the
 * pod, and nothing else. What a need is comes from the configuration that the program reads, not from the chart.
 */
import { parse } from 'yaml';
import {
  type Manifest,
  type NetworkPeer,
  type NetworkPolicy,
  type NetworkRule,
  type Service,
  type Workload,
  componentOf,
  containersOf,
  matches,
  portOf,
} from '../manifest.ts';
import { configurationOf } from './files.ts';

interface Chain {
  readonly coin?: string;
  readonly daemons?: readonly Readonly<Record<string, string>>[];
  readonly wallet?: { readonly url?: string; readonly key_file?: string };
  readonly merged_mining?: readonly Chain[];
}

interface Configuration {
  readonly nats?: { readonly servers: readonly string[] };
  readonly redis?: object;
  readonly database?: object;
  readonly pools?: readonly Chain[];
  readonly pool?: Chain & {
    readonly url?: string;
    readonly backup_pools?: readonly { readonly url: string }[];
  };
  readonly prices?: { readonly url?: string };
  readonly monitoring?: { readonly traces?: { readonly endpoint?: string } };
  readonly mining?: { readonly gateways?: readonly string[] };
}

/** Where to: a name within the cluster, an address, or what only a Secret knows. */
interface Need {
  readonly port: number;
  readonly host?: string;
}

const ASKS_DAEMONS = new Set(['monero', 'ethereum-classic']);
const DNS_PORT = 53;
const SCHEMES: Readonly<Record<string, number>> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 };

const needOf = (url: string): Need => {
  // The parser knows no more of other schemes than that they have a host.
  const { protocol, hostname, port } = new URL(url.replaceAll(/[{}]/g, ''));
  return { host: hostname, port: Number(port) || (SCHEMES[protocol] ?? 0) };
};

const daemonsOf = ({ daemons = [], merged_mining: merged = [] }: Chain): string[] => [
  ...daemons.flatMap((daemon) =>
    ['url', 'zmq_hashblock', 'zmq_pub', 'websocket'].flatMap((key) => daemon[key] ?? []),
  ),
  ...merged.flatMap(daemonsOf),
];

/** Wallets that are no node ask the daemons what became of a payment; one without a URL is a daemon. */
const walletsOf = ({ coin, wallet, daemons = [], merged_mining: merged = [] }: Chain): string[] => {
  const own = wallet?.url === undefined ? [] : [wallet.url];
  const asksDaemons = wallet !== undefined && (own.length === 0 || ASKS_DAEMONS.has(coin ?? ''));
  const nodes = asksDaemons ? daemons.flatMap(({ url }) => url ?? []) : [];
  return [...own, ...nodes, ...merged.flatMap(walletsOf)];
};

const needsOf = (component: string, configuration: Configuration): Need[] => {
  const { nats, redis, database, pools = [], pool, prices, mining, monitoring } = configuration;
  const collector = monitoring?.traces?.endpoint;
  const chains = pool === undefined ? pools : [...pools, pool];
  const upstream =
    pool?.url === undefined ? [] : [pool.url, ...(pool.backup_pools ?? []).map(({ url }) => url)];
  const own: Readonly<Record<string, readonly string[]>> = {
    'share-validator': chains.flatMap(daemonsOf),
    proof: chains.flatMap(walletsOf),
    'pool-accounting': [...chains.flatMap(walletsOf), ...(prices?.url === undefined ? [] : [prices.url])],
    'miner-agent': [...(mining?.gateways ?? []), ...upstream],
  };
  const urls = [
    ...(nats?.servers ?? []),
    ...(own[component] ?? []),
    ...(collector === undefined ? [] : [collector]),
  ];
  return [
    ...urls.map(needOf),
    ...(redis === undefined ? [] : [{ port: 6379 }]),
    ...(database === undefined ? [] : [{ port: 5432 }]),
  ];
};

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const isWithin = (cidr: string, address: string): boolean => {
  const [network = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(address) / size) === Math.floor(toNumber(network) / size);
};

const isPeer = (
  manifest: Manifest,
  { ipBlock, namespaceSelector, podSelector }: NetworkPeer,
  host: string,
) => {
  if (ipBlock !== undefined)
    return /^[\d.]+$/.test(host) ? isWithin(ipBlock.cidr, host) : !/\.svc\b/.test(host);
  const namespace = /([^.]+)\.svc\b/.exec(host)?.[1];
  if (namespaceSelector !== undefined)
    return (
      namespace !== undefined && matches(namespaceSelector, { 'kubernetes.io/metadata.name': namespace })
    );
  const target = manifest.find<Service>('Service', host)?.spec.selector;
  return target !== undefined && matches(podSelector, target);
};

const lets = (manifest: Manifest, rule: NetworkRule, { host, port }: Need): boolean => {
  const isPort = rule.ports?.some((one) => one.protocol === 'TCP' && one.port === port) === true;
  if (!isPort || rule.to === undefined || host === undefined) return isPort;
  return rule.to.some((peer) => isPeer(manifest, peer, host));
};

const checkEgress = (manifest: Manifest, workload: Workload, rules: readonly NetworkRule[]): string[] => {
  const configuration = parse(configurationOf(manifest, workload) ?? '') as Configuration;
  const needs = needsOf(componentOf(workload), configuration);
  const ports = new Set<string | number>([DNS_PORT, ...needs.map(({ port }) => port)]);
  const resolves = rules.some((rule) =>
    rule.ports?.some(({ protocol, port }) => protocol === 'UDP' && port === 53),
  );
  return [
    ...(resolves ? [] : ['it resolves no names']),
    ...needs
      .filter((need) => !rules.some((rule) => lets(manifest, rule, need)))
      .map(({ host = 'its server', port }) => `it does not reach ${host}:${port}`),
    ...rules.filter((rule) => rule.ports === undefined).map(() => 'it reaches any port'),
    ...rules
      .flatMap(({ ports: opened = [] }) => opened)
      .filter(({ port }) => !ports.has(port))
      .map(({ port }) => `it reaches port ${port}, which nothing in its configuration needs`),
  ];
};

const checkIngress = (workload: Workload, rules: readonly NetworkRule[]): string[] => {
  const listens = containersOf(workload).flatMap(({ ports = [] }) => ports);
  const open = new Set(rules.flatMap(({ ports = [] }) => ports.map(({ port }) => portOf(workload, port))));
  const metrics = portOf(workload, 'metrics');
  return [
    ...listens
      .filter(({ containerPort }) => !open.has(containerPort))
      .map(({ name }) => `nobody reaches its port ${name}`),
    ...rules.filter(({ ports }) => ports === undefined).map(() => 'all of its ports are open'),
    ...rules
      .filter(({ ports = [], from = [] }) => {
        const isMetrics = ports.some(({ port }) => portOf(workload, port) === metrics);
        return metrics !== undefined && isMetrics && from.length === 0;
      })
      .map(() => 'everybody reads its metrics'),
    ...(open.has(undefined) ? ['a port is open that it does not have'] : []),
  ];
};

export const checkNetwork = (manifest: Manifest): string[] => {
  const policies = manifest.of<NetworkPolicy>('NetworkPolicy');
  if (policies.length === 0) return [];
  return manifest.workloads.flatMap((workload) => {
    const labels = workload.spec.template.metadata.labels;
    const own = policies.filter(({ spec }) => matches(spec.podSelector, labels));
    const types = new Set(own.flatMap(({ spec }) => spec.policyTypes));
    const problems = [
      ...(types.has('Ingress') && types.has('Egress') ? [] : ['no policy is about it']),
      ...checkEgress(
        manifest,
        workload,
        own.flatMap(({ spec }) => spec.egress ?? []),
      ),
      ...checkIngress(
        workload,
        own.flatMap(({ spec }) => spec.ingress ?? []),
      ),
    ];
    return problems.map((problem) => `${workload.kind} ${workload.metadata.name}: ${problem}`);
  });
};
