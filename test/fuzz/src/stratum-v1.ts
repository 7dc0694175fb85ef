/** Stratum V1 for the fuzzer. */
import { WorkBook } from '../../../libs/stratum/src/index.ts';
import { Work, type WorkTemplate, stratumV1 as dialect } from '../../../libs/stratum-v1/src/index.ts';
import { type FuzzedCodec, KEYS, fuzzEnv, hex, isClean, keyOf, poolOf, times } from './codec.ts';
import { recordedLines } from './recorded.ts';

/** Another mask, another size and a large coinbase now and then. */
const template = (number: number): WorkTemplate => ({
  jobKey: keyOf(number),
  height: 100,
  prevHash: new Uint8Array(32).fill(number % 251),
  version: 0x20000000,
  versionMask: number % 7 === 0 ? 0x3000 : 0x1fffe000,
  bits: 0x1d00ffff,
  networkTarget: 0xffffn << BigInt(180 + (number % 20)),
  time: 1_700_000_000,
  minTime: 1_699_999_000,
  maxTime: 1_700_007_200,
  coinbasePrefix: new Uint8Array(60),
  coinbaseSuffix: new Uint8Array(number % 5 === 0 ? 700 : 100),
  extranonceSize: number % 29 === 0 ? 12 : 8,
  merkleBranch: [new Uint8Array(32).fill(7)],
  cleanJobs: isClean(number),
});

const share = (index: number): string => {
  const job = `${hex(keyOf(index), 2)}0${index % 4 === 3 ? 1 : 0}`;
  const params = ['addr1.rig', job, hex(index % 10, 8), '6553f100', hex(index, 8)];
  return JSON.stringify({ id: index, method: 'mining.submit', params });
};

const methods = [
  'mining.subscribe',
  'mining.authorize',
  'mining.configure',
  'mining.submit',
  'mining.suggest_difficulty',
  'mining.suggest_target',
  'mining.extranonce.subscribe',
  'mining.get_transactions',
  'mining.ping',
  'client.get_version',
];

const subscribe = '{"id":1,"method":"mining.subscribe","params":["fuzz/1"]}';
const authorize = '{"id":2,"method":"mining.authorize","params":["addr1.rig","d=1"]}';

export const stratumV1: FuzzedCodec = {
  name: 'stratum-v1',
  lines: [
    ...recordedLines('stratum-v1'),
    ...methods.map((method) => JSON.stringify({ id: 9, method, params: [] })),
    ...times(40 * KEYS, share),
    '{"id":1000000001,"result":"NiceHash/1.0.0","error":null}',
  ],
  logins: [
    [subscribe, authorize],
    [
      '{"id":0,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"ffffffff"}]}',
      subscribe,
      authorize,
      '{"id":3,"method":"mining.extranonce.subscribe","params":[]}',
    ],
    ['{"id":1,"method":"mining.subscribe","params":[]}', authorize],
  ],
  words: [
    ...methods,
    'addr1.rig',
    'addr2',
    '1000',
    '1100',
    '00000001',
    '6553f100',
    'ffffffff',
    'd=0.001,md=5',
    'version-rolling',
    'minimum-difficulty',
    'subscribe-extranonce',
    'info',
    'version-rolling.mask',
    'NiceHash/1.0',
    'bitaxe/BM1370',
    'whatsminer/v1',
    'x'.repeat(130),
  ],
  createPool() {
    const book = new WorkBook((from: WorkTemplate) => new Work('sha256d', from));
    return poolOf(dialect({ ...fuzzEnv('sha256d'), book, versionMask: 0x1fffe000 }), template);
  },
};
