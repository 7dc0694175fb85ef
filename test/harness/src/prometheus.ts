/** A real Prometheus on a free port, its data in a folder of the test, asked through its API. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, freePort } from './places.ts';
import { ServerProcess } from './server-process.ts';

export const prometheusProgram = (): string | undefined => findProgram(['prometheus']);

export const promtoolProgram = (): string | undefined => findProgram(['promtool']);

export interface PrometheusOptions {
  readonly dir: string;
  /** Its configuration: what it scrapes, which rules it follows. */
  readonly configFile: string;
}

/** A label set and its values: seconds since 1970, and what it was then. */
export interface Sampled {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [seconds: number, value: number])[];
}

export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly stepSeconds: number;
}

interface Reply<T> {
  readonly status: string;
  readonly data: T;
  readonly error?: string;
}

type Point = readonly [number, string];

interface Result {
  readonly resultType: 'vector' | 'matrix' | 'scalar';
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value?: Point;
    readonly values?: readonly Point[];
  }[];
}

export interface ScrapeTarget {
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RuleState {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly health: 'ok' | 'err' | 'unknown';
  readonly state?: 'inactive' | 'pending' | 'firing';
  readonly lastError?: string;
}

export class Prometheus implements AsyncDisposable {
  readonly #server: ServerProcess;

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  /** What is so now. */
  async ask(expression: string): Promise<readonly Sampled[]> {
    return this.#samples('query', { query: expression });
  }

  async askOver(
    expression: string,
    { fromSeconds, toSeconds, stepSeconds }: Span,
  ): Promise<readonly Sampled[]> {
    return this.#samples('query_range', {
      query: expression,
      start: String(fromSeconds),
      end: String(toSeconds),
      step: String(stepSeconds),
    });
  }

  async targets(): Promise<readonly ScrapeTarget[]> {
    return (await this.#get<{ activeTargets: ScrapeTarget[] }>('targets')).activeTargets;
  }

  async rules(): Promise<readonly RuleState[]> {
    const { groups } = await this.#get<{ groups: { rules: RuleState[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #samples(path: string, query: Readonly<Record<string, string>>): Promise<readonly Sampled[]> {
    const { resultType, result } = await this.#get<Result>(path, query);
    if (resultType === 'scalar') throw new Error(`a series was expected of ${query['query']}, not a number`);
    return result.map(({ metric, value, values }) => ({
      labels: metric,
      samples: (values ?? (value === undefined ? [] : [value])).map(
        ([at, text]) => [at, Number(text)] as const,
      ),
    }));
  }

  async #get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const reply = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(query)}`);
    const { status, data, error } = (await reply.json()) as Reply<T>;
    if (status !== 'success') throw new Error(`Prometheus: ${error} (${query['query'] ?? path})`);
    return data;
  }
}

export const startPrometheus = async ({ dir, configFile }: PrometheusOptions): Promise<Prometheus> => {
  const program = prometheusProgram();
  if (program === undefined) throw new Error('prometheus is missing');
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = new ServerProcess({
    name: 'prometheus',
    url,
    port,
    program,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    isReady: async () => {
      const reply = await fetch(`${url}/-/ready`).catch(() => undefined);
      return reply?.ok === true ? true : undefined;
    },
  });
  await server.start();
  return new Prometheus(server);
};
