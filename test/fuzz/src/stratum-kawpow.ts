/** KawPow Stratum for the fuzzer. */
import { type WorkTemplate, stratumKawpow as dialect } from '../../../libs/stratum-kawpow/src/index.ts';
import { EXTRANONCE1, type FuzzedCodec, KEYS, fuzzEnv, hex, isClean, keyOf, poolOf, times } from './codec.ts';
import { recordedLines } from './recorded.ts';

const headerOf = (number: number): string => hex(keyOf(number), 2).repeat(32);

const template = (number: number): WorkTemplate => ({
  jobKey: keyOf(number),
  height: 965_398,
  networkTarget: 0xffn << BigInt(180 + (number % 30)),
  cleanJobs: isClean(number),
  headerHash: Buffer.from(headerOf(number), 'hex'),
  seedHash: new Uint8Array(32).fill(7),
  bits: 0x1b00c7a3,
});

const MIX = '0e'.repeat(32);

/** Two, three or four bytes of extranonce1 are followed by the rest. */
const submit = (index: number): string => {
  const job = `${hex(keyOf(index), 2)}0${index % 4 === 3 ? 1 : 0}`;
  const nonce = `${Buffer.from(EXTRANONCE1).toString('hex')}${hex(index, 8)}`;
  const params = ['Raddr1.rig', job, `0x${nonce}`, `0x${headerOf(index)}`, `0x${MIX}`];
  return JSON.stringify({ id: index, method: 'mining.submit', params });
};

const subscribe = '{"id":1,"method":"mining.subscribe","params":["kawpowminer/1.2.4"]}';
const authorize = '{"id":2,"method":"mining.authorize","params":["Raddr1.rig","d=1"]}';

export const stratumKawpow: FuzzedCodec = {
  name: 'stratum-kawpow',
  lines: [
    ...recordedLines('kawpow-stratum'),
    '{"id":8,"method":"eth_submitHashrate","params":["0x500000","0x59da"]}',
    ...times(60 * KEYS, submit),
  ],
  logins: [
    [subscribe, authorize],
    [subscribe, '{"id":3,"method":"mining.extranonce.subscribe","params":[]}', authorize],
  ],
  words: [
    'mining.subscribe',
    'mining.authorize',
    'mining.submit',
    'mining.extranonce.subscribe',
    'eth_submitHashrate',
    'Raddr1.rig',
    '1000',
    '0xa001020300000001',
    `0x${MIX}`,
    'd=5',
  ],
  createPool: () => poolOf(dialect(fuzzEnv('kawpow')), template),
};
