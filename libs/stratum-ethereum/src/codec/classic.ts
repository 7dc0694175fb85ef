/**
 * Messages of the two dialects that look like Stratum V1: EthereumStratum/1.0.0 (hashes without `0x`) and ethminer's
 * "stratum1" (with it). A refused request says `false`, which is what miners of both look at.
 */
import { type RejectReason, type Wording, rejects } from '@otedama/stratum';

/** `resultJson` is JSON text. */
export const encodeResult = (id: string, resultJson: string): string =>
  `{"id":${id},"result":${resultJson},"error":null}\n`;

const encodeRefusal = (id: string, reason: RejectReason, detail?: string): string => {
  const { code, text } = rejects[reason];
  const message = detail === undefined ? text : `${text}: ${detail}`;
  return `{"id":${id},"result":false,"error":[${code},${JSON.stringify(message)},null]}\n`;
};

const notification = (method: string, paramsJson: string): string =>
  `{"id":null,"method":"${method}","params":${paramsJson}}\n`;

/** The reply to mining.subscribe of EthereumStratum/1.0.0. */
export const encodeSubscribed = (id: string, sessionId: string, extranonceHex: string): string =>
  encodeResult(
    id,
    `[["mining.notify",${JSON.stringify(sessionId)},"EthereumStratum/1.0.0"],"${extranonceHex}"]`,
  );

export const encodeSetDifficulty = (difficulty: number): string =>
  notification('mining.set_difficulty', `[${JSON.stringify(difficulty)}]`);

export const encodeSetExtranonce = (extranonceHex: string): string =>
  notification('mining.set_extranonce', `["${extranonceHex}"]`);

export const encodeNotify = (jobId: string, seedHex: string, headerHex: string, clean: boolean): string =>
  notification('mining.notify', `["${jobId}","${seedHex}","${headerHex}",${String(clean)}]`);

/** The header comes first here, and the target with the job. */
export const encodeNotifyWithTarget = (
  jobId: string,
  headerHex: string,
  seedHex: string,
  target: string,
  clean: boolean,
): string =>
  notification(
    'mining.notify',
    `["${jobId}","0x${headerHex}","0x${seedHex}","0x${target}",${String(clean)}]`,
  );

export const encodeReconnect = (
  target: { readonly host: string; readonly port: number } | undefined,
  waitSeconds: number,
): string =>
  notification(
    'client.reconnect',
    target === undefined ? '[]' : `[${JSON.stringify(target.host)},${target.port},${waitSeconds}]`,
  );

export const wording: Wording = {
  accepted: (id) => encodeResult(id, 'true'),
  refused: encodeRefusal,
  // None of the miners of these dialects shows messages.
  notice: () => undefined,
};
