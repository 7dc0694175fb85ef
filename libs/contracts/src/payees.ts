/**
 * Whom the coinbases of a pool are to pay, as accounting sees it at one position of the share log. Binary like a
 * template, and refused like one unless it decodes to its last byte.
 */
import {
  WireFormatError,
  WireReader,
  WireWriter,
  fixedBytes,
  integer,
  list,
  optional,
  position,
  struct,
  text,
  u256,
} from './wire.ts';

/** No coinbase has room for so many; a snapshot of so many is a quarter of what a message may have. */
export const MAX_PAYEES = 2_000;

export interface ListedPayee {
  readonly address: string;
  /** Work in the window of all that stand before it in the order of the division, and its own. */
  readonly before: bigint;
  readonly work: bigint;
  /** Owed from earlier blocks that have matured. */
  readonly carriedAtomic: bigint;
}

export interface PayeeSnapshot {
  readonly poolId: string;
  readonly takenAtMs: number;
  /** Position in the log of blocks up to which the carries know what was paid. */
  readonly blocksTo: bigint;
  /** Position in the log of shares where the window ends. */
  readonly windowTo: bigint;
  /** Work of a full window. */
  readonly windowCapacity: bigint;
  /** Work that is in it, of those who are not listed too. */
  readonly windowWork: bigint;
  /** Beside it: work that was paid by share, whose part of a block is the operator's. */
  readonly boughtWork: bigint;
  /**
   * The tip on which the carries may be paid, internal order: every block of ours up to it is booked. Undefined while
   * that is not certain.
   */
  readonly carriesOn: Uint8Array | undefined;
  /** The largest of each kind, at most MAX_PAYEES, in the order of their addresses. */
  readonly payees: readonly ListedPayee[];
}

/** The first two bytes, as they stand. */
const MAGIC = Buffer.from('OP', 'latin1');
const PAYEES_VERSION = 1;

const payee = struct<ListedPayee>({ address: text, before: u256, work: u256, carriedAtomic: u256 });

const snapshot = struct<PayeeSnapshot>({
  poolId: text,
  takenAtMs: integer,
  blocksTo: position,
  windowTo: position,
  windowCapacity: u256,
  windowWork: u256,
  boughtWork: u256,
  carriesOn: optional(fixedBytes(32)),
  payees: list(payee),
});

/** What would let a coinbase pay more than there is; no list that is read from the books has any of it. */
export const findPayeeFault = ({ payees, windowWork }: PayeeSnapshot): string | undefined => {
  if (payees.length > MAX_PAYEES) return `${payees.length} payees`;
  let [last, reached] = ['', 0n];
  for (const { address, before, work } of payees) {
    if (address <= last) return 'payees out of order';
    if (work > 0n && before < reached) return 'places of the window overlap';
    last = address;
    if (work > 0n) reached = before + work;
  }
  return reached > windowWork ? 'places beyond the window' : undefined;
};

const assertSound = (value: PayeeSnapshot): void => {
  const fault = findPayeeFault(value);
  if (fault !== undefined) throw new WireFormatError(fault);
};

export const encodePayees = (value: PayeeSnapshot): Buffer => {
  assertSound(value);
  const to = new WireWriter();
  to.bytes(MAGIC);
  to.u8(PAYEES_VERSION);
  snapshot.write(to, value);
  return to.done();
};

/** Throws WireFormatError for whatever is not exactly one snapshot of this version. */
export const decodePayees = (message: Uint8Array): PayeeSnapshot => {
  const from = new WireReader(message);
  if (!MAGIC.equals(from.bytes(MAGIC.length))) throw new WireFormatError('not a list of payees');
  const version = from.u8();
  if (version !== PAYEES_VERSION) throw new WireFormatError(`payees of version ${version}`);
  const value = snapshot.read(from);
  from.end();
  assertSound(value);
  return value;
};
