/**
 * What a real nats-server says of itself under /varz and /jsz, under the names that prometheus-nats-exporter gives it
 * with `-prefix=nats`, as the chart of NATS starts it: that exporter is in no distribution. Which names it has is recorded in test/vectors/exporters.json.
 */
import { type Server, createServer } from 'node:http';
import { freePort } from './places.ts';
import type { Exporter } from './exporters.ts';

interface Stream {
  readonly name: string;
  readonly state: Readonly<Record<string, number | string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly consumer_detail?: readonly {
    readonly name: string;
    readonly num_pending: number;
    readonly num_ack_pending: number;
  }[];
}

interface JetStream {
  readonly account_details?: readonly { readonly stream_detail?: readonly Stream[] }[];
}

type Labels = Readonly<Record<string, string>>;

const line = (name: string, labels: Labels, value: number): string => {
  const shown = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  return `${name}{${shown.join(',')}} ${value}`;
};

/** Numbers of an object of objects, named by their path. */
const numbers = (prefix: string, value: unknown): [string, number][] => {
  if (typeof value === 'number') return [[prefix, value]];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    numbers(`${prefix}_${key.replaceAll(/\W/g, '')}`, inner),
  );
};

const streamLines = (
  server: Labels,
  { name, state, config, consumer_detail: consumers = [] }: Stream,
): string[] => {
  const labels = { ...server, stream_name: name };
  return [
    line('nats_stream_total_messages', labels, Number(state['messages'])),
    line('nats_stream_total_bytes', labels, Number(state['bytes'])),
    line('nats_stream_last_seq', labels, Number(state['last_seq'])),
    line('nats_stream_limit_bytes', labels, Number(config['max_bytes'])),
    ...consumers.flatMap((consumer) => {
      const own = { ...labels, consumer_name: consumer.name };
      return [
        line('nats_consumer_num_pending', own, consumer.num_pending),
        line('nats_consumer_num_ack_pending', own, consumer.num_ack_pending),
      ];
    }),
  ];
};

const figuresOf = async (monitoring: string): Promise<string> => {
  const get = async (path: string): Promise<unknown> => (await fetch(`${monitoring}${path}`)).json();
  const server = { server_id: monitoring };
  const varz = numbers('nats_varz', await get('/varz')).map(([name, value]) => line(name, server, value));
  const health = (await fetch(`${monitoring}/healthz`)).ok ? 0 : 1;
  const { account_details: accounts = [] } = (await get(
    '/jsz?accounts=1&streams=1&consumers=1&config=1',
  )) as JetStream;
  const streams = accounts.flatMap(({ stream_detail: details = [] }) => details);
  return `${[line('nats_healthz_status', server, health), ...varz, ...streams.flatMap((stream) => streamLines(server, stream))].join('\n')}\n`;
};

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });

/** `monitoring` is the HTTP port of the server as a URL. */
export const startNatsFigures = async (monitoring: string): Promise<Exporter> => {
  const port = await freePort();
  const server = createServer((_request, response) => {
    void figuresOf(monitoring).then(
      (text) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text),
      // As the exporter does: it is up, and what it asks is not.
      () => response.writeHead(500).end(),
    );
  });
  await listening(server, port);
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
