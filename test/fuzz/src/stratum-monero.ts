/** Monero Stratum for the fuzzer. Hashing blobs are made up: what is in them is nobody's business here. */
import { type WorkTemplate, stratumMonero as dialect } from '../../../libs/stratum-monero/src/index.ts';
import { template as recorded } from '../../../libs/stratum-monero/src/testing/template.ts';
import { type FuzzedCodec, KEYS, SESSION_ID, fuzzEnv, hex, isClean, keyOf, poolOf, times } from './codec.ts';
import { recordedLines } from './recorded.ts';

const blob = new Uint8Array(76);

const template = (number: number): WorkTemplate =>
  recorded({
    jobKey: keyOf(number),
    networkTarget: (1n << BigInt(200 + (number % 20))) - 1n,
    cleanJobs: isClean(number),
    nextSeedHash: number % 7 === 0 ? new Uint8Array(32).fill(number % 251) : undefined,
  });

const submit = (index: number): string => {
  const job = `${hex(keyOf(index), 2)}0${index % 4 === 3 ? 1 : 0}`;
  const params = { id: SESSION_ID, job_id: job, nonce: hex(index, 8), result: '00'.repeat(32) };
  const nonces = index % 3 === 0 ? { poolNonce: index, workerNonce: 7 } : {};
  return JSON.stringify({ id: index, jsonrpc: '2.0', method: 'submit', params: { ...params, ...nonces } });
};

const login = (agent: string, pass: string): string =>
  JSON.stringify({
    id: 1,
    jsonrpc: '2.0',
    method: 'login',
    params: { login: 'addr1.rig+100', pass, agent, rigid: 'r', algo: ['rx/0'] },
  });

export const stratumMonero: FuzzedCodec = {
  name: 'stratum-monero',
  lines: [
    ...recordedLines('monero-stratum'),
    `{"id":5,"method":"getjob","params":{"id":"${SESSION_ID}"}}`,
    `{"id":6,"method":"keepalived","params":{"id":"${SESSION_ID}"}}`,
    ...times(40 * KEYS, submit),
  ],
  logins: [[login('XMRig/6', 'x')], [login('xmr-node-proxy/0.1', 'd=5')], [login('NiceHash/1', 'x')]],
  words: [
    'login',
    'submit',
    'getjob',
    'keepalived',
    'addr1+5',
    SESSION_ID,
    '1000',
    'rx/0',
    'cn/r',
    '00000000',
    '0'.repeat(64),
    'f'.repeat(64),
    'self-select',
  ],
  createPool() {
    const env = {
      ...fuzzEnv('randomx'),
      blobOf: () => blob,
      variantOf: () => 'rx/0',
      agentMinimums: [{ agent: 'NiceHash/', difficulty: 280_000 }],
      selfSelect: { poolWallet: '4pool' },
      tls: true,
    };
    return poolOf(dialect(env), template);
  },
};
