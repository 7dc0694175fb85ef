/** What the API counts of itself. Labels come from closed sets: route patterns, methods, status classes. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface ApiMetrics {
  readonly requestSeconds: Histogram<'route' | 'method' | 'status'>;
  readonly connectionsShed: Counter;
  readonly rateLimited: Counter;
  readonly logins: Counter<'outcome'>;
  readonly liveClients: Gauge;
  readonly liveDropped: Counter<'reason'>;
  readonly liveFrames: Counter;
  readonly livePendingBytes: Gauge;
}

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
    connectionsShed: new Counter({
      name: 'otedama_api_connections_shed_total',
      help: 'Connections ended for others when all places were taken.',
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
  };
}
