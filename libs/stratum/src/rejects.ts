/**
 * The one table of what can be wrong with a message or a share: its code and text on the wire, how loudly
 * it is logged, and what the peer does to its standing by it. Handlers name a reason and hold no opinion.
 *
 * Codes 20 to 25 are the convention of all pools, -3 is "method not found" of the first Stratum servers.
 * `offence` adds to the score that ends in a disconnect at MAX_OFFENCES; 0 is for what happens to honest
 * miners. `label` names of metrics are the reasons themselves, a closed set.
 */

import { MAX_OFFENCES } from './limits.ts';

export type RejectLevel = 'trace' | 'debug' | 'warn';

export interface Reject {
  readonly code: number;
  readonly text: string;
  readonly level: RejectLevel;
  readonly offence: number;
}

const share = (code: number, text: string, offence: number): Reject => ({
  code,
  text,
  level: 'trace',
  offence,
});
const fault = (code: number, text: string, offence: number): Reject => ({
  code,
  text,
  level: 'debug',
  offence,
});

export const rejects = {
  // Shares, in the order of the checks.
  'work-stopped': share(20, 'Pool has stopped work', 0),
  'not-subscribed': share(25, 'Not subscribed', 1),
  'unknown-session': share(25, 'Unknown session id', 1),
  'bad-submit-params': share(20, 'Submit lacks a parameter', 5),
  'unauthorized-worker': share(24, 'Worker is not authorized on this connection', 2),
  'unknown-job': share(21, 'Job not found', 1),
  stale: share(21, 'Stale: a newer block has replaced this job', 0),
  'bad-extranonce2': share(20, 'Extranonce2 has the wrong length or is not hex', 2),
  'bad-proxy-nonce': share(20, 'Pool nonce and worker nonce must be 32-bit numbers', 2),
  'bad-ntime': share(20, 'Ntime is not 8 hex digits', 2),
  'ntime-out-of-range': share(20, 'Ntime is out of range', 2),
  'bad-nonce': share(20, 'Nonce is not 8 hex digits', 2),
  'nonce-outside-prefix': share(20, 'Nonce does not begin with the extranonce of this session', 2),
  'bad-nonce-64': share(20, 'Nonce has the wrong length or is not hex', 2),
  'bad-header': share(20, 'Header hash is not that of the job', 2),
  'bad-mix': share(20, 'Mix hash is not 64 hex digits', 2),
  'no-template': share(20, 'No block template was given for this job', 2),
  'bad-result': share(20, 'Result is not 64 hex digits', 2),
  'bad-version-bits': share(20, 'Version bits are not 8 hex digits', 2),
  'version-outside-mask': share(20, 'Version bits outside the negotiated mask', 2),
  duplicate: share(22, 'Duplicate share', 2),
  'too-many-shares': share(20, 'Too many shares for one job; difficulty is being raised', 0),
  'low-difficulty': share(23, 'Share is above the target of its job', 2),
  // An honest miner has computed it: only broken hardware, a wrong algorithm or ill will get here, and it is
  // dear to find out.
  'false-hash': share(23, 'Hash is not the one that was claimed', 50),
  // The verifier could not make a header of it: our checks and its checks disagree.
  unverifiable: { code: 20, text: 'Share could not be verified', level: 'warn', offence: 0 },
  // Messages.
  'not-json': fault(20, 'Line is not JSON', 20),
  'not-an-object': fault(20, 'Message is not a JSON object', 20),
  'too-many-parts': fault(20, 'Message has too many parts', 20),
  'bad-id': fault(20, 'Id must be a string, a number or null', 10),
  'no-method': fault(20, 'Message has neither a method nor a result', 10),
  'bad-params': fault(20, 'Parameters do not fit the method', 5),
  'unknown-method': fault(-3, 'Method not found', 2),
  'line-too-long': fault(20, 'Line is too long', MAX_OFFENCES),
  'tls-handshake': fault(20, 'This port does not speak TLS', MAX_OFFENCES),
  'proxy-header': fault(20, 'This address may not send a PROXY header', MAX_OFFENCES),
  'address-invalid': fault(24, 'Address is not usable', 10),
  'worker-name-invalid': fault(24, 'Worker name must have at most 64 printable characters', 10),
  'too-many-workers': fault(24, 'Too many workers on one connection', 5),
  'pool-full': fault(24, 'The pool takes no further workers', 0),
  'address-has-workers': fault(24, 'Too many workers without shares from your address', 0),
  'address-has-accounts': fault(24, 'Too many payout addresses without shares from your address', 0),
  'algorithm-not-offered': fault(20, 'The miner does not list the algorithm of this pool', 2),
  'difficulty-invalid': fault(20, 'Difficulty must be a positive number', 2),
  // The miner's daemon and the pool's learn of a block at different moments.
  'template-stale': fault(20, 'Block template is not for the block that is mined here', 0),
  'template-refused': fault(20, 'Block template is refused', 10),
  'template-unchecked': fault(20, 'Block template could not be checked', 0),
  'asked-too-often': fault(20, 'Asked too often', 5),
  'too-large': fault(20, 'The answer is too large to send', 0),
  // Connections and logins that are not let in.
  'too-many-from-address': fault(20, 'Too many connections from your address, come again in a minute', 0),
  'pool-busy': fault(20, 'The pool takes no further connections now, come again in a minute', 0),
  'not-welcome': fault(20, 'Your address may not connect to this pool', 0),
  banned: fault(24, 'Banned for a while: too many invalid shares were sent from here', 0),
  'shut-out': fault(24, 'Banned by the operator of this pool', 0),
  'proxy-header-missing': fault(20, 'A connection from this address must begin with a PROXY header', 0),
  'proxy-header-invalid': fault(20, 'The PROXY header is not valid', 0),
} as const satisfies Record<string, Reject>;

export type RejectReason = keyof typeof rejects;

/** The reasons that can meet a share: the closed label set of share metrics. */
export const SHARE_REJECTS = [
  'work-stopped',
  'not-subscribed',
  'unknown-session',
  'bad-submit-params',
  'unauthorized-worker',
  'unknown-job',
  'stale',
  'bad-extranonce2',
  'bad-proxy-nonce',
  'bad-ntime',
  'ntime-out-of-range',
  'bad-nonce',
  'nonce-outside-prefix',
  'bad-nonce-64',
  'bad-header',
  'bad-mix',
  'no-template',
  'bad-result',
  'bad-version-bits',
  'version-outside-mask',
  'duplicate',
  'too-many-shares',
  'low-difficulty',
  'false-hash',
  'unverifiable',
] as const satisfies readonly RejectReason[];
export type ShareReject = (typeof SHARE_REJECTS)[number];
