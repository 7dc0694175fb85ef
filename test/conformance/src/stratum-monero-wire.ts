/** Monero Stratum on the wire: members in the order of xmrig-proxy's documents, and the pool's own choices. */
import type { Ear } from './conversation.ts';
import { json, topicOf, wordingOf } from './json-rpc.ts';
import { type Choice, type WireLine, choice } from './wire-line.ts';

export const session: Choice = choice('session', /[0-9a-zA-Z-]{1,64}/);
export const job: Choice = choice('job', /[0-9a-f]{3,10}/);
export const nextJob: Choice = choice('next job', job.form);

export interface RecordedJob {
  readonly blob: string;
  readonly job_id: string;
  readonly target: string;
  /** Older recordings are from before RandomX. */
  readonly height?: number;
  readonly seed_hash?: string;
}

export const reply = (id: unknown, result: WireLine): WireLine => [
  `{"id":${json(id)},"jsonrpc":"2.0","error":null,"result":`,
  ...result,
  '}',
];

export const done = (id: unknown): WireLine => reply(id, ['{"status":"OK"}']);

/** With the text itself where miners know it by heart. */
export const refused = (id: unknown, text?: string): WireLine => [
  `{"id":${json(id)},"jsonrpc":"2.0","error":{"code":-1,"message":"`,
  text ?? wordingOf(id),
  '"}}',
];

const jobMembers = ({ blob, target, height, seed_hash: seedHash }: RecordedJob, name: Choice): WireLine => [
  `{"blob":"${blob}","job_id":"`,
  name,
  `","target":"${target}","height":${height},"seed_hash":"${seedHash}","algo":"rx/0"}`,
];

export const loggedIn = (id: unknown, told: RecordedJob): WireLine =>
  reply(id, [
    '{"id":"',
    session,
    '","job":',
    ...jobMembers(told, job),
    ',"extensions":["algo","keepalive"],"status":"OK"}',
  ]);

export const jobNotice = (told: RecordedJob): WireLine => [
  '{"jsonrpc":"2.0","method":"job","params":',
  ...jobMembers(told, nextJob),
  '}',
];

/** A recorded request with the session and the job that this pool has named. */
export const request = (message: object): WireLine => {
  const pieces = json(message).split(/("id":"|"job_id":")[^"]*(")/);
  return pieces.flatMap((piece) => {
    if (piece === '"id":"') return [piece, session];
    return piece === '"job_id":"' ? [piece, job] : [piece];
  });
};

export const ear: Ear = { topicOf, isFree: () => false };
