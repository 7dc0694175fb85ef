/** `otedama audit`: who did what, whether that is all of it, and the whole of it for others to check. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type AuditBook, type AuditHead, createAuditBook } from '@otedama/ledger';
import { describeEntries, entryJson, headText } from '../audit/describe.ts';
import { booksOptions, withBooks } from '../books.ts';
import { CommandFailure, usage } from '../failure.ts';
import { parseTime } from '../ledger/export.ts';

const options = {
  ...booksOptions,
  json: { type: 'boolean' },
  expect: { type: 'string' },
  actor: { type: 'string' },
  action: { type: 'string' },
  target: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  limit: { type: 'string' },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options }).values;
type Values = ReturnType<typeof parse>;

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const onBook = (values: Values, use: (book: AuditBook) => Promise<void>): Promise<void> =>
  withBooks(values, ({ database }) => use(createAuditBook(database.db)));

const parseHead = (text: string | undefined): AuditHead | undefined => {
  if (text === undefined) return undefined;
  const [, seq = '', hash = ''] = /^([1-9]\d{0,17}):([0-9a-fA-F]{64})$/.exec(text) ?? [];
  if (hash === '') throw usage('audit: --expect must be a head that was kept, ENTRY:HASH');
  return { seq: BigInt(seq), hash: Buffer.from(hash, 'hex') };
};

const verify = async (values: Values): Promise<void> => {
  const expected = parseHead(values.expect);
  await onBook(values, async (book) => {
    const { head, fault } = await book.verify(expected);
    if (values.json === true) {
      const found = fault === undefined ? {} : { fault: { ...fault, seq: fault.seq.toString() } };
      print(JSON.stringify({ ok: fault === undefined, head: headText(head), ...found }));
    }
    if (fault !== undefined) throw new CommandFailure(`the audit log is not right: ${fault.problem}`);
    if (values.json === true) return;
    print(`the audit log is whole: ${head.seq} ${head.seq === 1n ? 'entry' : 'entries'}`);
    if (head.seq > 0n) print(`head ${headText(head)}: keep it, and compare with --expect later`);
  });
};

const parseLimit = (text: string | undefined): number => {
  const limit = Number(text ?? DEFAULT_LIMIT);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw usage(`audit: --limit must be a whole number from 1 to ${MAX_LIMIT}`);
};

const list = async (values: Values): Promise<void> => {
  const { actor, action, target, from, to } = values;
  const filter = { actor, action, target, fromMs: parseTime(from, 'from'), toMs: parseTime(to, 'to') };
  const page = { limit: parseLimit(values.limit), offset: 0 };
  await onBook(values, async (book) => {
    const entries = await book.list(filter, page);
    if (values.json === true) print(`[${entries.map(entryJson).join(',\n')}]`);
    else print(entries.length === 0 ? 'no entry is like that' : describeEntries(entries));
  });
};

/** Waits for whoever reads. */
const exportAll = (values: Values): Promise<void> =>
  onBook(values, async (book) => {
    for await (const page of book.export()) {
      const isTaken = process.stdout.write(page.map((entry) => `${entryJson(entry)}\n`).join(''));
      if (!isTaken) await once(process.stdout, 'drain');
    }
  });

const actions: Readonly<Record<string, (values: Values) => Promise<void>>> = {
  verify,
  list,
  export: exportAll,
};

export const auditCommand = async ([word = '', ...rest]: readonly string[]): Promise<void> => {
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (action === undefined) throw usage(`audit: one of ${Object.keys(actions).join(', ')}`);
  await action(parse(rest));
};
