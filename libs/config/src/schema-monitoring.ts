/** What is shown of a process: figures, health and traces. */
import { enable, field, parsed, path, section } from './fields.ts';
import { listen } from './schema-listen.ts';
import { parseBasisPoints, parseCollectorUrl, parseHttpHeadersText } from './values.ts';

export const monitoring = section({
  metrics: section({
    enable: enable('Serve /metrics', 'true'),
    address: listen('A listener of its own; without it the API serves /metrics'),
  }),
  health: section({
    enable: enable('Serve /health', 'true'),
    address: listen('A listener of its own; without it the API serves /health'),
  }),
  traces: section({
    endpoint: field(parsed(parseCollectorUrl), {
      what: 'the URL of a collector',
      allowed: ['http://host:4318', 'https://host/otlp'],
      description: 'Collector of traces (OTLP over HTTP, /v1/traces is added); without it nothing is traced',
    }),
    headers: field(parsed(parseHttpHeadersText), {
      what: 'a list of headers',
      allowed: ['name: value, one a line'],
      description: 'Sent with each request to the collector, such as its authorization',
      secret: true,
    }),
    headers_file: path('File that holds the headers'),
    sample: field(parsed(parseBasisPoints), {
      what: 'a percentage',
      allowed: ['0 to 100, at most two decimals'],
      description:
        'Of share batches and of questions between services; templates, jobs and blocks are always traced',
      default: '0.1',
    }),
  }),
});
