/** eth-proxy and both EthereumStratum for the fuzzer. */
import { type WorkTemplate, stratumEthereum as dialect } from '../../../libs/stratum-ethereum/src/index.ts';
import { type FuzzedCodec, KEYS, SESSION_ID, fuzzEnv, hex, isClean, keyOf, poolOf, times } from './codec.ts';
import { recordedLines } from './recorded.ts';

const headerOf = (number: number): string => hex(keyOf(number), 2).repeat(32);

const template = (number: number): WorkTemplate => ({
  jobKey: keyOf(number),
  height: 11_700_000 + (number % 3) * 60_000,
  networkTarget: 0xffffn << BigInt(180 + (number % 30)),
  cleanJobs: isClean(number),
  headerHash: Buffer.from(headerOf(number), 'hex'),
  seedHash: new Uint8Array(32).fill(number % 3),
  epoch: 195 + (number % 3),
});

const MIX = 'd6'.repeat(32);

const submitWork = (index: number): string =>
  JSON.stringify({
    id: index,
    jsonrpc: '2.0',
    method: 'eth_submitWork',
    params: [`0x${hex(index, 16)}`, `0x${headerOf(index)}`, `0x${MIX}`],
    worker: 'rig',
  });

const submit = (index: number): string => {
  const job = `${hex(keyOf(index), 2)}0${index % 4 === 3 ? 1 : 0}`;
  const nonce = hex(index, index % 2 === 0 ? 10 : 8);
  const params = index % 3 === 0 ? [job, nonce, '1'] : ['0xaddr1.rig', job, nonce];
  return JSON.stringify({ id: index, method: 'mining.submit', params });
};

const authorize = '{"id":2,"method":"mining.authorize","params":["0xaddr1.rig","x"]}';

export const stratumEthereum: FuzzedCodec = {
  name: 'stratum-ethereum',
  lines: [
    ...recordedLines('ethereum-stratum'),
    ...recordedLines('ethereum-stratum-2'),
    '{"id":7,"method":"eth_getWork","params":[]}',
    '{"id":8,"method":"eth_submitHashrate","params":["0x500000","0x59da"]}',
    '{"id":9,"method":"mining.hashrate","params":["500000","1"]}',
    ...times(30 * KEYS, submitWork),
    ...times(30 * KEYS, submit),
  ],
  logins: [
    ['{"id":1,"jsonrpc":"2.0","method":"eth_submitLogin","params":["0xaddr1","d=1"],"worker":"rig"}'],
    [
      '{"id":1,"method":"mining.subscribe","params":["fuzz","EthereumStratum/1.0.0"]}',
      authorize,
      '{"id":3,"method":"mining.extranonce.subscribe","params":[]}',
    ],
    ['{"id":1,"method":"mining.subscribe","params":["fuzz"]}', authorize],
    [
      '{"id":0,"method":"mining.hello","params":{"agent":"f","host":"h","port":"d05","proto":"EthereumStratum/2.0.0"}}',
      `{"id":1,"method":"mining.subscribe","params":["${SESSION_ID}"]}`,
      authorize,
    ],
  ],
  words: [
    'eth_submitLogin',
    'eth_getWork',
    'eth_submitWork',
    'eth_submitHashrate',
    'mining.hello',
    'mining.subscribe',
    'mining.authorize',
    'mining.submit',
    'mining.hashrate',
    'mining.noop',
    'mining.bye',
    'EthereumStratum/1.0.0',
    'EthereumStratum/2.0.0',
    '0xaddr1.rig',
    '1000',
    '1',
    '0x0',
    `0x${MIX}`,
  ],
  createPool: () => poolOf(dialect(fuzzEnv('etchash')), template),
};
