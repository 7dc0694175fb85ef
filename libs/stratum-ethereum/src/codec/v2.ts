/**
 * Messages of EthereumStratum/2.0.0 (EIP-1571): no member that says nothing, numbers in hex without `0x` and
 * without leading zeros, hashes and extranonces in full, errors numbered as in HTTP.
 */
import { type RejectReason, type Wording, rejects } from '@otedama/stratum';
import { quantity } from './hex.ts';

export const PROTOCOL = 'EthereumStratum/2.0.0';

/** `resultJson` is JSON text. */
export const encodeResult = (id: string, resultJson: string): string =>
  `{"id":${id},"result":${resultJson}}\n`;

/** Success of a method that returns nothing. */
export const encodeDone = (id: string): string => `{"id":${id}}\n`;

const notification = (method: string, paramsJson: string): string =>
  `{"method":"${method}","params":${paramsJson}}\n`;

/** 2xx: taken, with a remark; 3xx: not authorized; 4xx: the miner's mistake; 5xx: ours. */
const CODES: ReadonlyMap<number, number> = new Map([
  [20, 400],
  [21, 404],
  [22, 409],
  [23, 406],
  [24, 301],
  [25, 300],
  [-3, 405],
]);
const CODE_OF: Partial<Record<RejectReason, number>> = {
  stale: 202,
  'worker-name-invalid': 215,
  'asked-too-often': 220,
  'work-stopped': 500,
  'pool-full': 500,
  'too-many-shares': 500,
  unverifiable: 500,
};

const encodeRefusal = (id: string, reason: RejectReason, detail?: string): string => {
  const { code, text } = rejects[reason];
  const message = JSON.stringify(detail === undefined ? text : `${text}: ${detail}`);
  return `{"id":${id},"error":{"code":${CODE_OF[reason] ?? CODES.get(code) ?? 400},"message":${message}}}\n`;
};

export interface Greeting {
  readonly timeoutSeconds: number;
  readonly maxErrors: number;
  readonly node: string;
}

export const encodeHello = (id: string, { timeoutSeconds, maxErrors, node }: Greeting): string =>
  encodeResult(
    id,
    `{"proto":"${PROTOCOL}","encoding":"plain","resume":"1","timeout":"${quantity(timeoutSeconds)}",` +
      `"maxerrors":"${quantity(maxErrors)}","node":${JSON.stringify(node)}}`,
  );

/** What jobs have in common; each member may be left out when it is as before. */
export interface Settings {
  readonly epoch?: string;
  readonly target?: string;
  readonly algo?: string;
  readonly extranonce?: string;
}

export const encodeSet = (settings: Settings): string => notification('mining.set', JSON.stringify(settings));

export const encodeNotify = (jobId: string, height: number, headerHex: string, clean: boolean): string =>
  notification('mining.notify', `["${jobId}","${quantity(height)}","${headerHex}","${clean ? 1 : 0}"]`);

/** The dialect has no way to say "come back to where you are" but the same address. */
export const encodeReconnect = (target: { readonly host: string; readonly port: number }): string =>
  notification(
    'mining.reconnect',
    `{"host":${JSON.stringify(target.host)},"port":"${quantity(target.port)}","resume":"1"}`,
  );

export const wording: Wording = {
  accepted: encodeDone,
  refused: encodeRefusal,
  notice: () => undefined,
};
