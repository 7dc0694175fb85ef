/** What the API counts of itself. Labels come from closed sets: route patterns, methods, status classes. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface ApiMetrics {
  readonly requestSeconds: Histogram<'route' | 'method' | 'status'>;
  readonly connectionsShed: Counter;
  readonly connectionsDropped: Counter;
  readonly rateLimited: Counter;
  readonly logins: Counter<'outcome'>;
  readonly querySeconds: Histogram<'subject' | 'outcome'>;
  readonly liveClients: Gauge;
  readonly liveDropped: Counter<'reason'>;
  readonly liveFrames: Counter;
  readonly livePendingBytes: Gauge;
}

/** What stands at the moment: read when somebody asks. */
export interface ApiGauges {
  readonly answerCacheBytes: () => number;
  readonly answersLoading: () => number;
  readonly connections: () => number;
  readonly connectionsWaiting: () => number;
  readonly addressesOut: () => number;
}

export function registerApiGauges(registry: Registry, gauges: ApiGauges): void {
  const registers = [registry];
  const bytes: Gauge = new Gauge({
    name: 'otedama_api_answer_cache_bytes',
    help: 'What kept answers take in memory.',
    registers,
    collect: () => bytes.set(gauges.answerCacheBytes()),
  });
  const loading: Gauge = new Gauge({
    name: 'otedama_api_answers_loading',
    help: 'Answers that are worked out or wait for their turn to be.',
    registers,
    collect: () => loading.set(gauges.answersLoading()),
  });
  const connections: Gauge = new Gauge({
    name: 'otedama_api_connections',
    help: 'Open connections, live ones among them.',
    registers,
    collect: () => connections.set(gauges.connections()),
  });
  const waiting: Gauge = new Gauge({
    name: 'otedama_api_connections_waiting',
    help: 'Connections that wait to be let in, and open ones that wait to be heard.',
    registers,
    collect: () => waiting.set(gauges.connectionsWaiting()),
  });
  const out: Gauge = new Gauge({
    name: 'otedama_api_addresses_out',
    help: 'Addresses that did not slow down as they were told and are not let in for some seconds.',
    registers,
    collect: () => out.set(gauges.addressesOut()),
  });
}

type LiveMetrics = Pick<ApiMetrics, 'liveClients' | 'liveDropped' | 'liveFrames' | 'livePendingBytes'>;

const createLiveMetrics = (registers: Registry[]): LiveMetrics => ({
  liveClients: new Gauge({
    name: 'otedama_api_live_clients',
    help: 'Open live (WebSocket) connections.',
    registers,
  }),
  liveDropped: new Counter({
    name: 'otedama_api_live_dropped_total',
    help: 'Live connections that were refused or ended by the server, by reason.',
    labelNames: ['reason'],
    registers,
  }),
  liveFrames: new Counter({
    name: 'otedama_api_live_frames_total',
    help: 'Frames written to live connections.',
    registers,
  }),
  livePendingBytes: new Gauge({
    name: 'otedama_api_live_pending_bytes',
    help: 'Bytes that live connections were given and have not taken yet.',
    registers,
  }),
});

export function createApiMetrics(registry: Registry): ApiMetrics {
  const registers = [registry];
  return {
    requestSeconds: new Histogram({
      name: 'otedama_api_request_seconds',
      help: 'Time to answer an HTTP request, by route pattern and status class.',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
      registers,
    }),
    querySeconds: new Histogram({
      name: 'otedama_api_query_seconds',
      help: 'Time that the other services took to answer the API, by subject and outcome: done, timeout, unavailable, failed.',
      labelNames: ['subject', 'outcome'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    connectionsShed: new Counter({
      name: 'otedama_api_connections_shed_total',
      help: 'Connections ended for others when all places were taken.',
      registers,
    }),
    connectionsDropped: new Counter({
      name: 'otedama_api_connections_dropped_total',
      help: 'Connections reset unread because their address does not slow down as it is told.',
      registers,
    }),
    rateLimited: new Counter({
      name: 'otedama_api_rate_limited_total',
      help: 'Requests refused because their address sent too many.',
      registers,
    }),
    logins: new Counter({
      name: 'otedama_api_logins_total',
      help: 'Attempts to log in: done, refused, or turned away for being too many.',
      labelNames: ['outcome'],
      registers,
    }),
    ...createLiveMetrics(registers),
  };
}
