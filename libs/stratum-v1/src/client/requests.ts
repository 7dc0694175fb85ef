/** The lines a client of this dialect writes. */
import { encodeHex, formatHex32 } from '@otedama/stratum';
import {
  type ClientOptions,
  type ClientShare,
  type ClientWork,
  LoginId,
  encodeRequest,
} from '@otedama/stratum/client';

/** The mask is asked for before the subscription, so that the first job already has it. */
export const encodeHandshake = (options: ClientOptions): readonly string[] => {
  const { agent, sessionId, user, password, versionMask, suggestedDifficulty } = options;
  const lines: string[] = [];
  if (versionMask !== 0) {
    const wish = { 'version-rolling.mask': formatHex32(versionMask), 'version-rolling.min-bit-count': 2 };
    lines.push(encodeRequest(LoginId.configure, 'mining.configure', [['version-rolling'], wish]));
  }
  const subscribe = sessionId === undefined ? [agent] : [agent, sessionId];
  lines.push(encodeRequest(LoginId.subscribe, 'mining.subscribe', subscribe));
  lines.push(encodeRequest(LoginId.authorize, 'mining.authorize', [user, password]));
  if (suggestedDifficulty !== undefined) {
    lines.push(encodeRequest(LoginId.suggestDifficulty, 'mining.suggest_difficulty', [suggestedDifficulty]));
  }
  lines.push(encodeRequest(LoginId.extranonce, 'mining.extranonce.subscribe', []));
  return lines;
};

/** Version bits are sent exactly when the pool granted a mask. */
export const encodeSubmit = (id: number, user: string, work: ClientWork, share: ClientShare): string => {
  const { task, jobId } = work;
  const { rolled } = share;
  if (task.kind !== 'coinbase' || rolled === undefined) {
    throw new TypeError('a share of this dialect is one of a header, with what was rolled');
  }
  const { extranonce2, nTime, version } = rolled;
  const params = [user, jobId, encodeHex(extranonce2), formatHex32(nTime), formatHex32(Number(share.nonce))];
  if (task.versionMask !== 0) params.push(formatHex32(version & task.versionMask));
  return encodeRequest(id, 'mining.submit', params);
};
