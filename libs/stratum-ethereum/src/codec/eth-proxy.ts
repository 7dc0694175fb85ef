/** Messages of eth-proxy: JSON-RPC 2.0 replies, and new work as a reply that nobody asked for, with id 0. */
import { type RejectReason, type Wording, rejects } from '@otedama/stratum';

/** `resultJson` is JSON text. */
export const encodeResult = (id: string, resultJson: string): string =>
  `{"id":${id},"jsonrpc":"2.0","result":${resultJson}}\n`;

/** Header, seed, target, and the height, without which the seed of an Etchash epoch is ambiguous. */
export const encodeWork = (
  id: string,
  headerHex: string,
  seedHex: string,
  target: string,
  height: number,
): string => encodeResult(id, `["0x${headerHex}","0x${seedHex}","0x${target}","0x${height.toString(16)}"]`);

/** What this dialect numbers otherwise: whatever the miner has got wrong is -1. */
const CODES: ReadonlyMap<number, number> = new Map([
  [20, -1],
  [24, -1],
]);

const encodeRefusal = (id: string, reason: RejectReason, detail?: string): string => {
  const { code, text } = rejects[reason];
  const message = JSON.stringify(detail === undefined ? text : `${text}: ${detail}`);
  return `{"id":${id},"jsonrpc":"2.0","result":false,"error":{"code":${CODES.get(code) ?? code},"message":${message}}}\n`;
};

export const wording: Wording = {
  accepted: (id) => encodeResult(id, 'true'),
  refused: encodeRefusal,
  notice: () => undefined,
};
