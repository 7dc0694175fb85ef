/**
 * Messages to lines, members in the order of xmrig-proxy's documents. Each line is made by joining text that is
 * known to be JSON; only what came from outside passes through JSON.stringify.
 */
import { type RejectReason, type Wording, rejects } from '@otedama/stratum';

/** `resultJson` is JSON text. */
export const encodeResult = (id: string, resultJson: string): string =>
  `{"id":${id},"jsonrpc":"2.0","error":null,"result":${resultJson}}\n`;

/**
 * Texts that miners know by heart. xmrig and xmr-node-proxy log in anew when an error begins with
 * "Unauthenticated", which is the cure for both of these; "Invalid job id" would drive xmrig away for nothing.
 */
const KNOWN_TEXTS: Partial<Record<RejectReason, string>> = {
  'not-subscribed': 'Unauthenticated',
  'unknown-session': 'Unauthenticated: unknown session id',
  'low-difficulty': 'Low difficulty share',
};

const textOf = (reason: RejectReason): string => KNOWN_TEXTS[reason] ?? rejects[reason].text;

/** The dialect has one code for everything. `detail` is our own wording, never text of the peer. */
export const encodeRefusal = (id: string, reason: RejectReason, detail?: string): string => {
  const text = detail === undefined ? textOf(reason) : `${textOf(reason)}: ${detail}`;
  return `{"id":${id},"jsonrpc":"2.0","error":{"code":-1,"message":${JSON.stringify(text)}}}\n`;
};

export const STATUS_OK = '{"status":"OK"}';
export const STATUS_KEEPALIVED = '{"status":"KEEPALIVED"}';

export const encodeJob = (jobJson: string): string =>
  `{"jsonrpc":"2.0","method":"job","params":${jobJson}}\n`;

export const encodeLogin = (
  id: string,
  sessionId: string,
  jobJson: string,
  extensions: readonly string[],
): string =>
  encodeResult(
    id,
    `{"id":${JSON.stringify(sessionId)},"job":${jobJson},"extensions":${JSON.stringify(extensions)},"status":"OK"}`,
  );

/** xmrig wants exactly two strings. */
export const encodeReconnect = (host: string, port: number): string =>
  `{"jsonrpc":"2.0","method":"client.reconnect","params":[${JSON.stringify(host)},"${port}"]}\n`;

export const wording: Wording = {
  accepted: (id) => encodeResult(id, STATUS_OK),
  refused: encodeRefusal,
  notice: () => undefined,
};
