/**
 * `otedama bans`: who is kept out of the ports for miners, through the API of the otedama that runs: bans are in its
 * memory, and in a fleet in the Redis that its gateways share.
 */
import { parseArgs } from 'node:util';
import { type ShownBan, banSchema } from '@otedama/app-api-gateway';
import { z } from 'zod';
import { describeAdded, describeBans, describeSubject } from '../bans/describe.ts';
import { durationOf, idOf, newBanOf } from '../bans/subject.ts';
import { usage } from '../failure.ts';
import { type RunningApi, runningApiOptions, withRunningApi } from '../running-api.ts';

const options = {
  ...runningApiOptions,
  json: { type: 'boolean' },
  reason: { type: 'string' },
  pool: { type: 'string' },
  account: { type: 'string' },
  for: { type: 'string' },
  note: { type: 'string' },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];
type Action = (values: Values, words: readonly string[]) => Promise<void>;

const PATH = '/api/v1/bans';
/** The most that the API gives at once. */
const PAGE = 1_000;
const ADD = 'bans: add ADDRESS|RANGE, or --pool ID --account ADDRESS, [--for 2h] [--note TEXT]';
const REMOVE = 'bans: remove ADDRESS|RANGE|ID, or --pool ID --account ADDRESS';

const pageSchema = z.object({ items: z.array(banSchema), more: z.boolean() });

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const show = (values: Values, ban: ShownBan, text: string): void =>
  print(values.json === true ? JSON.stringify(ban) : text);

const allBans = async (api: RunningApi, reason: string | undefined): Promise<readonly ShownBan[]> => {
  const bans: ShownBan[] = [];
  for (;;) {
    const query = new URLSearchParams({ limit: String(PAGE), offset: String(bans.length) });
    if (reason !== undefined) query.set('reason', reason);
    const { items, more } = pageSchema.parse(await api.ask('GET', `${PATH}?${query.toString()}`));
    bans.push(...items);
    if (!more) return bans;
  }
};

const list: Action = (values, extra) => {
  if (extra.length > 0) throw usage('bans: list [--reason operator|invalid-shares] [--json]');
  return withRunningApi(values, async (api) => {
    const bans = await allBans(api, values.reason);
    print(values.json === true ? JSON.stringify(bans) : describeBans(bans));
  });
};

const wordsOf = ({ pool, account }: Values, [word, ...extra]: readonly string[], form: string) => {
  if (extra.length > 0) throw usage(form);
  return { word, pool, account };
};

const add: Action = (values, rest) => {
  const words = wordsOf(values, rest, ADD);
  const forMs = durationOf(values.for);
  return withRunningApi(values, async (api) => {
    const order = newBanOf(api.config, words, values.note);
    if (order === undefined) throw usage(ADD);
    const end = forMs === undefined ? {} : { untilMs: Date.now() + forMs };
    const added = banSchema.parse(await api.ask('POST', PATH, { ...order, ...end }));
    show(values, added, describeAdded(added));
  });
};

const remove: Action = (values, rest) => {
  const words = wordsOf(values, rest, REMOVE);
  return withRunningApi(values, async (api) => {
    const id = idOf(api.config, words);
    if (id === undefined) throw usage(REMOVE);
    const removed = banSchema.parse(await api.ask('DELETE', `${PATH}/${encodeURIComponent(id)}`));
    show(values, removed, `${describeSubject(removed)} is let in again`);
  });
};

const actions: Readonly<Record<string, Action>> = { list, add, remove };

export const bansCommand = async ([word = '', ...rest]: readonly string[]): Promise<void> => {
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (action === undefined) throw usage(`bans: one of ${Object.keys(actions).join(', ')}`);
  const { values, positionals } = parse(rest);
  await action(values, positionals);
};
