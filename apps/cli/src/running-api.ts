/**
 * The API of the otedama that runs on a data directory, for a command that has it do something. Whoever may read the
 * books reads the keys of access tokens in them and needs no login: the command makes a token for the user of the
 * operating system that runs it, and the audit log names that user.
 */
import { createTokens } from '@otedama/app-pool-accounting';
import type { Config } from '@otedama/config';
import { createAccessStore } from '@otedama/ledger';
import { z } from 'zod';
import { type BooksOptions, booksOptions, withBooksOf } from './books.ts';
import { configOf } from './configuration.ts';
import { CommandFailure, usage } from './failure.ts';
import { readState } from './fleet/state.ts';
import { osUser } from './os-user.ts';
import { readRunFile } from './run-file.ts';

const ANSWER_TIMEOUT_MS = 10_000;

export interface RunningApi {
  readonly config: Config;
  /** The answer, whatever it is; a problem becomes a sentence. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown>;
}

export interface RunningApiOptions extends BooksOptions {
  readonly api?: string | undefined;
}

/** For `parseArgs`. */
export const runningApiOptions = { ...booksOptions, api: { type: 'string' } } as const;

const problemSchema = z.object({
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ parameter: z.string(), message: z.string() })).optional(),
});

const sentenceOf = (status: number, body: unknown): string => {
  const { data } = problemSchema.safeParse(body);
  if (data === undefined) return `the API answered ${status}`;
  const wrong = data.errors?.map(({ parameter, message }) => `${parameter} ${message}`) ?? [];
  return wrong.length > 0 ? wrong.join('; ') : (data.detail ?? data.title);
};

/** An `up` and a `fleet up` each write down where they answer. */
const urlOf = ({ api }: RunningApiOptions, { app }: Config): string => {
  if (api !== undefined && !URL.canParse(api))
    throw usage(`${api} is not a URL such as http://127.0.0.1:8080`);
  const running = readRunFile(app.dataDir) ?? readState(app.dataDir);
  const url = api ?? running?.api;
  if (url === undefined && running === undefined)
    throw new CommandFailure(
      `no otedama runs in ${app.dataDir}; where it runs elsewhere, --api URL says where`,
    );
  if (url === undefined || url === '')
    throw new CommandFailure(
      'the API of the otedama that runs is switched off (api.enable), and only it can be asked',
    );
  return url;
};

const createRunningApi = (config: Config, url: string, token: string): RunningApi => ({
  config,
  async ask(method, path, body) {
    let response: Response;
    try {
      response = await fetch(new URL(path, url), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
    } catch (cause) {
      const why = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
      throw new CommandFailure(`no otedama answers at ${url}${why}`, 1, { cause });
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new CommandFailure(sentenceOf(response.status, answer));
    return answer;
  },
});

export const withRunningApi = async <Value>(
  options: RunningApiOptions,
  use: (api: RunningApi) => Promise<Value>,
): Promise<Value> => {
  const config = configOf(options.config, options['data-dir'], ['database']);
  const url = urlOf(options, config);
  return withBooksOf(config, async ({ database }) => {
    const token = await createTokens(createAccessStore(database.db), Date.now).command(osUser());
    return use(createRunningApi(config, url, token));
  });
};
