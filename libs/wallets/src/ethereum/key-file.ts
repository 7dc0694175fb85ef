/** The secret key of an account, in a file of its own that nobody else may read: 64 hex digits, with or without 0x. */
import { open } from 'node:fs/promises';
import { WalletError } from '@otedama/payouts';
import { addr } from 'micro-eth-signer';

export interface AccountKey {
  /** With 0x. */
  readonly secret: string;
  /** In the mixed case of EIP-55. */
  readonly address: string;
}

const OTHERS = 0o077;
/** 0x, the digits, and the end of a line. */
const MAX_BYTES = 80;
const KEY = /^(?:0x)?(?<digits>[0-9a-f]{64})\s*$/i;

const readSafely = async (path: string): Promise<{ readonly text: string } | { readonly fault: string }> => {
  const file = await open(path, 'r');
  try {
    const facts = await file.stat();
    if (!facts.isFile()) return { fault: 'is no file' };
    if ((facts.mode & OTHERS) !== 0) return { fault: 'can be read by others: chmod 600' };
    if (facts.size > MAX_BYTES) return { fault: 'holds more than a key' };
    return { text: await file.readFile('utf8') };
  } finally {
    await file.close();
  }
};

/** Read for each use, so that the key of a running pool can be put in place, and is nowhere else. */
export const readKeyFile = async (coin: string, path: string): Promise<AccountKey> => {
  const refuse = (fault: string, cause?: unknown): WalletError =>
    new WalletError('WALLET_LOCKED', { coin, detail: `the key file ${path} ${fault}`, cause });
  let read: Awaited<ReturnType<typeof readSafely>>;
  try {
    read = await readSafely(path);
  } catch (error) {
    throw refuse(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, error);
  }
  if ('fault' in read) throw refuse(read.fault);
  const digits = KEY.exec(read.text)?.groups?.['digits'];
  // Neither message repeats what is in the file.
  if (digits === undefined || !addr.isValidPrivateKey(`0x${digits}`)) throw refuse('holds no secret key');
  const secret = `0x${digits}`;
  return { secret, address: addr.fromPrivateKey(secret) };
};
