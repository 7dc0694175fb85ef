/** The lines a client writes. Ids below `FIRST_FREE_ID` are the handshake's, so that replies need no table. */
import { encodeHex, formatHex32 } from '../hex.ts';
import type { ClientOptions, ClientShare, ClientWork } from './types.ts';

export const RequestId = {
  configure: 1,
  subscribe: 2,
  authorize: 3,
  suggestDifficulty: 4,
  extranonce: 5,
} as const;
export const FIRST_FREE_ID = 10;

const request = (id: number, method: string, params: unknown): string =>
  `${JSON.stringify({ id, method, params })}\n`;

/**
 * All at once, as current firmware does: one round trip. The mask is asked for before the subscription, so
 * that the first job already has it.
 */
export const encodeHandshake = (options: ClientOptions): readonly string[] => {
  const { agent, sessionId, user, password, versionMask, suggestedDifficulty } = options;
  const lines: string[] = [];
  if (versionMask !== 0) {
    const wish = { 'version-rolling.mask': formatHex32(versionMask), 'version-rolling.min-bit-count': 2 };
    lines.push(request(RequestId.configure, 'mining.configure', [['version-rolling'], wish]));
  }
  const subscribe = sessionId === undefined ? [agent] : [agent, sessionId];
  lines.push(request(RequestId.subscribe, 'mining.subscribe', subscribe));
  lines.push(request(RequestId.authorize, 'mining.authorize', [user, password]));
  if (suggestedDifficulty !== undefined) {
    lines.push(request(RequestId.suggestDifficulty, 'mining.suggest_difficulty', [suggestedDifficulty]));
  }
  lines.push(request(RequestId.extranonce, 'mining.extranonce.subscribe', []));
  return lines;
};

/** Version bits are sent exactly when the pool granted a mask. */
export const encodeSubmit = (id: number, user: string, work: ClientWork, share: ClientShare): string => {
  const params = [
    user,
    work.jobId,
    encodeHex(share.extranonce2),
    formatHex32(share.nTime),
    formatHex32(share.nonce),
  ];
  if (work.versionMask !== 0) params.push(formatHex32(share.version & work.versionMask));
  return request(id, 'mining.submit', params);
};
