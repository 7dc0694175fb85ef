/** Messages of KawPow Stratum. A refused request says `false`, which is what its miners look at. */
import { type RejectReason, type Wording, encodeHex, rejects } from '@otedama/stratum';

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

/**
 * The reply to mining.subscribe. No session id: with a list in its place kawpowminer would take the server for one
 * of EthereumStratum/1.0.0, and no miner sends one back.
 */
export const encodeSubscribed = (id: string, extranonceHex: string): string =>
  encodeResult(id, `[null,"${extranonceHex}"]`);

/** A target as it is shown: 64 digits, the most significant first. */
export const targetHex = (targetLe: Uint8Array): string => encodeHex(targetLe.toReversed());

export const encodeSetTarget = (target: string): string => notification('mining.set_target', `["${target}"]`);

export const encodeSetExtranonce = (extranonceHex: string): string =>
  notification('mining.set_extranonce', `["${extranonceHex}"]`);

export interface Notice {
  readonly jobId: string;
  readonly headerHex: string;
  readonly seedHex: string;
  /** The same as in mining.set_target: some miners read only one of the two. */
  readonly target: string;
  readonly clean: boolean;
  readonly height: number;
  readonly bitsHex: string;
}

export const encodeNotify = (job: Notice): string =>
  notification(
    'mining.notify',
    `["${job.jobId}","${job.headerHex}","${job.seedHex}","${job.target}",${String(job.clean)},` +
      `${job.height},"${job.bitsHex}"]`,
  );

/** Without a host the miner comes back to where it is. */
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
  // None of the miners of this dialect shows messages.
  notice: () => undefined,
};
