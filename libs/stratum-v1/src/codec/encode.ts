/**
 * Messages to lines. Each line is made by joining text that is known to be JSON; only what came from
 * outside passes through JSON.stringify. Replies always carry `"error":null`, which NiceHash insists on.
 */
import { type RejectReason, type Wording, formatHex32, rejects } from '@otedama/stratum';

/** `resultJson` is JSON text. */
export const encodeResult = (id: string, resultJson: string): string =>
  `{"id":${id},"result":${resultJson},"error":null}\n`;

const refusals = new Map<RejectReason, string>(
  (Object.keys(rejects) as RejectReason[]).map((reason) => {
    const { code, text } = rejects[reason];
    return [reason, `,"result":null,"error":[${code},${JSON.stringify(text)},null]}\n`];
  }),
);

/** `detail` is our own wording of what exactly was wrong, never text of the peer. */
export const encodeRefusal = (id: string, reason: RejectReason, detail?: string): string => {
  if (detail === undefined) return `{"id":${id}${refusals.get(reason) ?? ''}`;
  const { code, text } = rejects[reason];
  return `{"id":${id},"result":null,"error":[${code},${JSON.stringify(`${text}: ${detail}`)},null]}\n`;
};

const notification = (method: string, paramsJson: string): string =>
  `{"id":null,"method":"${method}","params":${paramsJson}}\n`;

/** Whole difficulties are written without a fraction: cgminer 4.9 reads `1024.0` as 0. */
export const encodeSetDifficulty = (difficulty: number): string =>
  notification('mining.set_difficulty', `[${JSON.stringify(difficulty)}]`);

export const encodeSetExtranonce = (extranonce1Hex: string, extranonce2Size: number): string =>
  notification('mining.set_extranonce', `["${extranonce1Hex}",${extranonce2Size}]`);

export const encodeSetVersionMask = (mask: number): string =>
  notification('mining.set_version_mask', `["${formatHex32(mask)}"]`);

export const encodeShowMessage = (text: string): string =>
  notification('client.show_message', `[${JSON.stringify(text)}]`);

/** Without a host the miner comes back to where it is. */
export const encodeReconnect = (
  target: { host: string; port: number } | undefined,
  waitSeconds: number,
): string =>
  notification(
    'client.reconnect',
    target === undefined ? '[]' : `[${JSON.stringify(target.host)},${target.port},${waitSeconds}]`,
  );

/** A question of the pool; the id lets the reply be told from the miner's own numbering. */
export const encodeGetVersion = (id: number): string =>
  `{"id":${id},"method":"client.get_version","params":[]}\n`;

/** The reply to mining.subscribe: subscriptions, extranonce1, size of extranonce2. */
export const encodeSubscribed = (
  id: string,
  sessionId: string,
  extranonce1Hex: string,
  extranonce2Size: number,
): string => {
  const session = JSON.stringify(sessionId);
  return encodeResult(
    id,
    `[[["mining.set_difficulty",${session}],["mining.notify",${session}]],"${extranonce1Hex}",${extranonce2Size}]`,
  );
};

export const wording: Wording = {
  accepted: (id) => encodeResult(id, 'true'),
  refused: encodeRefusal,
  notice: encodeShowMessage,
};
