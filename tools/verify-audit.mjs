#!/usr/bin/env node
// Checks the audit log of an Otedama pool without any of its code: the format is docs/audit.md. Needs Node alone.
//
//   node verify-audit.mjs EXPORT.jsonl [--expect ENTRY:HASH]...
//
// EXPORT.jsonl is what `otedama audit export` writes, - is standard input. --expect: a head that was kept; without one
// nobody can tell a whole log from one whose end was cut off.
// Exit code 0: whole. 1: not whole, and where. 2: wrong usage.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

class NotWhole extends Error {}

const check = (holds, message) => {
  if (!holds) throw new NotWhole(message);
};

/** RFC 8785 for what an entry holds: objects of text, whole numbers, true and false. */
const canonical = (value) => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
};

const isHash = (text) => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);

const hashOf = ({ seq, previous, event }) =>
  createHash('sha256')
    .update('otedama-audit-1', 'ascii')
    .update(Buffer.from(previous, 'hex'))
    .update(canonical({ ...event, seq }), 'utf8')
    .digest('hex');

const parseExpected = (text) => {
  const [, seq, hash] = /^([1-9]\d{0,17}):([0-9a-fA-F]{64})$/.exec(text) ?? [];
  if (hash === undefined) throw new TypeError(`${text} is not ENTRY:HASH`);
  return [seq, hash.toLowerCase()];
};

const readEntry = (line, number) => {
  try {
    return JSON.parse(line);
  } catch {
    throw new NotWhole(`line ${number} is not JSON`);
  }
};

const verify = async (lines, expected) => {
  let count = 0n;
  let head = '00'.repeat(32);
  for await (const line of lines) {
    const seq = (count + 1n).toString();
    const entry = readEntry(line, seq);
    check(entry?.seq === seq, `entry ${seq} is missing`);
    check(entry.previous === head, `entry ${seq} does not follow the one before it`);
    check(
      isHash(entry.hash) && hashOf(entry) === entry.hash,
      `entry ${seq} is not what it was when it was written`,
    );
    const known = expected.get(seq);
    check(known === undefined || known === entry.hash, `entry ${seq} is another one than was known`);
    expected.delete(seq);
    head = entry.hash;
    count += 1n;
  }
  const [missing] = expected.keys();
  check(missing === undefined, `the log ends with entry ${count}, and entry ${missing} is known`);
  return { count, head };
};

const main = async () => {
  let words;
  let expected;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { expect: { type: 'string', multiple: true, default: [] } },
    });
    words = positionals;
    expected = new Map(values.expect.map(parseExpected));
  } catch {
    words = [];
  }
  if (words.length !== 1) {
    process.stderr.write('verify-audit: EXPORT.jsonl [--expect ENTRY:HASH]...\n');
    return 2;
  }
  try {
    const input = words[0] === '-' ? process.stdin : createReadStream(words[0]);
    const { count, head } = await verify(createInterface({ input, crlfDelay: Infinity }), expected);
    process.stdout.write(`whole: ${count} entries, head ${count}:${head}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof NotWhole) && error.code !== 'ENOENT') throw error;
    process.stderr.write(`NOT WHOLE: ${error.message}\n`);
    return 1;
  }
};

process.exitCode = await main();
