#!/usr/bin/env node
// Checks a share receipt of an Otedama pool without any of its code: the format is docs/receipts.md. Needs Node alone.
//
//   node verify-receipt.mjs PROOF.json [--digest HEX] [--receipts RECEIPTS.json]
//
// PROOF.json is what /api/v1/pools/POOL/shares/SEQUENCE/INDEX/receipt answers, - is standard input. --digest: a digest
// that you kept, of the same receipt or of a later one; for a later one, and to check that the receipts are one chain,
// --receipts gives those of /api/v1/pools/POOL/receipts (one page or several in one array).
// Exit code 0: proven. 1: not proven, and why. 2: wrong usage.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

class NotProven extends Error {}

const check = (holds, message) => {
  if (!holds) throw new NotProven(message);
};

const bytes = (name, text, length) => {
  const isHex = typeof text === 'string' && /^(?:[0-9a-f]{2})*$/.test(text);
  check(
    isHex && (length === undefined || text.length === 2 * length),
    `${name} is not hex of the right length`,
  );
  return Buffer.from(text, 'hex');
};

/** Little-endian, of `size` bytes. */
const number = (name, value, size) => {
  const isWhole = typeof value === 'string' ? /^\d{1,20}$/.test(value) : Number.isSafeInteger(value);
  const whole = isWhole ? BigInt(value) : -1n;
  check(whole >= 0n && whole < 1n << BigInt(8 * size), `${name} is not a number of ${size} bytes`);
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(whole);
  return out.subarray(0, size);
};

const ascii = (text) => Buffer.from(text, 'ascii');

/** RFC 6962: up from a leaf to the root of a tree of `size` leaves. */
const climb = (what, leaf, index, size, path) => {
  check(
    Number.isInteger(index) && Number.isInteger(size) && index >= 0 && index < size,
    `${what}: no such leaf`,
  );
  check(Array.isArray(path), `${what}: there is no path`);
  const rest = path.map((hash) => bytes(`${what}: a hash of the path`, hash, 32));
  let node = leaf;
  for (let at = index, last = size - 1; last > 0; at >>= 1, last >>= 1) {
    if (at === last && at % 2 === 0) continue;
    const sibling = rest.shift();
    check(sibling !== undefined, `${what}: the path is too short`);
    node = at % 2 === 0 ? sha256(Buffer.of(1), node, sibling) : sha256(Buffer.of(1), sibling, node);
  }
  check(rest.length === 0, `${what}: the path is too long`);
  return node;
};

/** Of the second format: where the audit log had come to. */
const anchor = ({ audit }) =>
  audit === undefined
    ? Buffer.alloc(0)
    : Buffer.concat([number('audit.sequence', audit.sequence, 8), bytes('audit.hash', audit.hash, 32)]);

const formatOf = ({ audit }) => (audit === undefined ? 'otedama-receipt-1' : 'otedama-receipt-2');

const receiptDigest = (receipt) => {
  const pool = ascii(receipt.pool);
  return sha256(
    Buffer.of(2),
    ascii(formatOf(receipt)),
    Buffer.of(pool.length),
    pool,
    number('number', receipt.number, 8),
    number('afterSequence', receipt.afterSequence, 8),
    number('toSequence', receipt.toSequence, 8),
    number('closedAtMs', receipt.closedAtMs, 8),
    number('batches', receipt.batches, 4),
    number('shares', receipt.shares, 8),
    bytes('root', receipt.root, 32),
    bytes('previous', receipt.previous, 32),
    anchor(receipt),
  ).toString('hex');
};

const verifyProof = ({ format, share, batch, batchIndex, path, receipt }) => {
  check(format === formatOf(receipt), 'this is not a receipt of a format that is known here');
  const record = bytes('record', share.record, 192);
  const account = bytes('account', share.account);
  const batchId = bytes('batchId', share.batchId, 16);
  const worth = bytes('worth', batch.worth);
  const leaf = sha256(
    Buffer.of(0),
    ascii('otedama-share-1'),
    batchId,
    number('index', share.index, 2),
    record,
    account,
  );
  const batchRoot = climb('the batch', leaf, share.index, batch.count, batch.path);
  const batchLeaf = sha256(
    Buffer.of(0),
    ascii('otedama-batch-1'),
    batchId,
    number('sequence', batch.sequence, 8),
    number('closedAtMs', batch.closedAtMs, 8),
    number('count', batch.count, 2),
    number('the length of worth', worth.length, 1),
    worth,
    batchRoot,
  );
  const root = climb('the receipt', batchLeaf, batchIndex, receipt.batches, path);
  check(root.toString('hex') === receipt.root, 'the share does not lead to the root of the receipt');
  check(
    BigInt(receipt.afterSequence) < BigInt(batch.sequence) &&
      BigInt(batch.sequence) <= BigInt(receipt.toSequence),
    'the batch does not lie in the part of the log that the receipt is of',
  );
  check(receiptDigest(receipt) === receipt.digest, 'the digest is not that of the receipt');
  return { record, account };
};

/** Every receipt is whole, and names the one before: none can be changed, left out or put in afterwards. */
const verifyChain = (receipts, { pool, number: wanted, digest }) => {
  const chain = receipts.filter((receipt) => receipt.pool === pool);
  chain.sort((a, b) => (BigInt(a.number) < BigInt(b.number) ? -1 : 1));
  for (const [i, receipt] of chain.entries()) {
    check(receiptDigest(receipt) === receipt.digest, `receipt ${receipt.number}: the digest is not its own`);
    const before = chain[i - 1];
    if (before === undefined) continue;
    check(
      BigInt(receipt.number) === BigInt(before.number) + 1n,
      `a receipt is missing before ${receipt.number}`,
    );
    check(receipt.previous === before.digest, `receipt ${receipt.number} does not follow ${before.number}`);
    check(
      BigInt(receipt.afterSequence) >= BigInt(before.toSequence),
      `receipt ${receipt.number} overlaps ${before.number}`,
    );
  }
  check(
    chain.some((receipt) => receipt.number === wanted && receipt.digest === digest),
    'the receipt of the share is not among those of the pool',
  );
  return chain;
};

const VERDICTS = {
  1: 'accepted',
  2: 'accepted, and a block',
  3: 'a block that missed its share target: no work',
};

const describe = ({ record, account }, { batch, receipt }) => {
  const addressEnd = 1 + account[0];
  const address = account.subarray(1, addressEnd).toString('utf8');
  const worker = account.subarray(addressEnd + 1).toString('utf8');
  const work = record.readBigUInt64LE(96) + (record.readBigUInt64LE(104) << 64n);
  return [
    `proven: a share of ${address}${worker === '' ? '' : `.${worker}`} is in receipt ${receipt.number} of pool ${receipt.pool}`,
    `  ${VERDICTS[record[7]] ?? `verdict ${record[7]}`}, work ${work}`,
    `  received ${new Date(Number(record.readBigUInt64LE(112))).toISOString()}, booked by ${new Date(receipt.closedAtMs).toISOString()}, entry ${batch.sequence} of the log`,
    `  proof-of-work hash ${record.subarray(128, 160).toString('hex')}, as hashed`,
    `  digest of the receipt ${receipt.digest}: keep it`,
  ].join('\n');
};

const readJson = (file) => JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));

const receiptsIn = (value) => (Array.isArray(value) ? value.flatMap(receiptsIn) : (value.items ?? [value]));

const main = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { digest: { type: 'string' }, receipts: { type: 'string' } },
  });
  if (positionals.length !== 1) {
    process.stderr.write('verify-receipt: PROOF.json [--digest HEX] [--receipts RECEIPTS.json]\n');
    return 2;
  }
  try {
    const proof = readJson(positionals[0]);
    const proven = verifyProof(proof);
    const chain =
      values.receipts === undefined
        ? [proof.receipt]
        : verifyChain(receiptsIn(readJson(values.receipts)), proof.receipt);
    if (values.digest !== undefined) {
      const later = chain.filter((receipt) => BigInt(receipt.number) >= BigInt(proof.receipt.number));
      check(
        later.some(({ digest }) => digest === values.digest.toLowerCase()),
        'the digest that you kept is neither of this receipt nor of one that follows it',
      );
    }
    process.stdout.write(`${describe(proven, proof)}\n`);
    return 0;
  } catch (error) {
    // A file that is no proof at all has not the fields that are read.
    const isKnown = error instanceof NotProven || error instanceof SyntaxError || error instanceof TypeError;
    if (!isKnown && error.code !== 'ENOENT') throw error;
    process.stderr.write(`NOT PROVEN: ${error.message}\n`);
    return 1;
  }
};

process.exitCode = main();
