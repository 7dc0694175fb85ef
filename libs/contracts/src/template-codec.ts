/**
 * A template as the fleet's bus carries it: magic, version, kind, then the fields of that kind. Miners would
 * work for nothing on a template that was read wrongly: one that does not decode to its last byte is none.
 */
import {
  type BitcoinTemplate,
  type CryptonoteTemplate,
  type EthashTemplate,
  type KawpowTemplate,
  type TemplateHead,
  type TemplateStopped,
  type TemplateUpdate,
  isStopped,
} from './template.ts';
import {
  type Fields,
  WireFormatError,
  WireReader,
  WireWriter,
  bool,
  bytes,
  constant,
  fixedBytes,
  integer,
  list,
  oneOf,
  optional,
  struct,
  text,
  u256,
  u32,
} from './wire.ts';

/** The first two bytes, as they stand. */
const MAGIC = Buffer.from('OT', 'latin1');
/** Of the layout below: a change of any field is a new version. */
const TEMPLATE_VERSION = 1;

const hash = fixedBytes(32);

const head: Fields<TemplateHead> = {
  poolId: text,
  jobKey: u32,
  height: integer,
  networkTarget: u256,
  cleanJobs: bool,
  createdAtMs: integer,
};

const stopped = struct<TemplateStopped>({ poolId: text, stopped: constant(true), reason: text });

const bitcoin = struct<BitcoinTemplate>({
  ...head,
  family: constant('bitcoin'),
  prevHash: hash,
  version: integer,
  versionMask: u32,
  bits: u32,
  time: u32,
  minTime: u32,
  maxTime: u32,
  coinbasePrefix: bytes,
  coinbaseSuffix: bytes,
  extranonceSize: u32,
  merkleBranch: list(hash),
});

const cryptonote = struct<CryptonoteTemplate>({
  ...head,
  family: constant('cryptonote'),
  majorVersion: u32,
  prevId: hash,
  seedHash: hash,
  nextSeedHash: optional(hash),
  header: bytes,
  nonceOffset: u32,
  minerTxVersion: oneOf(1, 2),
  minerTxPrefix: bytes,
  minerTxSuffix: bytes,
  extraNonceBytes: u32,
  merkleBranch: bytes,
  txCount: u32,
  txHashes: bytes,
});

const sealed = { headerHash: hash, seedHash: hash, epoch: u32 };
const ethash = struct<EthashTemplate>({ ...head, ...sealed, family: constant('ethash') });
const kawpow = struct<KawpowTemplate>({ ...head, ...sealed, family: constant('kawpow'), bits: u32 });

/** In the byte after the version; never used for anything else again. */
const Kind = { stopped: 0, bitcoin: 1, cryptonote: 2, ethash: 3, kawpow: 4 } as const;

const writeBody = (to: WireWriter, update: TemplateUpdate): void => {
  if (isStopped(update)) return stopped.write(to, update);
  switch (update.family) {
    case 'bitcoin':
      return bitcoin.write(to, update);
    case 'cryptonote':
      return cryptonote.write(to, update);
    case 'ethash':
      return ethash.write(to, update);
    case 'kawpow':
      return kawpow.write(to, update);
  }
};

const readBody = (from: WireReader, kind: number): TemplateUpdate => {
  switch (kind) {
    case Kind.stopped:
      return stopped.read(from);
    case Kind.bitcoin:
      return bitcoin.read(from);
    case Kind.cryptonote:
      return cryptonote.read(from);
    case Kind.ethash:
      return ethash.read(from);
    case Kind.kawpow:
      return kawpow.read(from);
    default:
      throw new WireFormatError(`a template of an unknown kind: ${kind}`);
  }
};

export const encodeTemplate = (update: TemplateUpdate): Buffer => {
  const to = new WireWriter();
  to.bytes(MAGIC);
  to.u8(TEMPLATE_VERSION);
  to.u8(isStopped(update) ? Kind.stopped : Kind[update.family]);
  writeBody(to, update);
  return to.done();
};

/** Throws WireFormatError for whatever is not exactly one template of this version. */
export const decodeTemplate = (message: Uint8Array): TemplateUpdate => {
  const from = new WireReader(message);
  if (!MAGIC.equals(from.bytes(MAGIC.length))) throw new WireFormatError('not a template');
  const version = from.u8();
  if (version !== TEMPLATE_VERSION) throw new WireFormatError(`a template of version ${version}`);
  const update = readBody(from, from.u8());
  from.end();
  return update;
};
