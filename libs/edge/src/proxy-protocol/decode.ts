/**
 * PROXY protocol, versions 1 and 2 (the specification of HAProxy, revision of 2020/03/05): what a proxy says before
 * the first byte of a connection that it hands on. Pure; whom to believe is for others to decide.
 */
import { type ProxyHeader, absent, needMore } from './header.ts';
import { MAX_V1_BYTES, V1_PREFIX, decodeV1 } from './v1.ts';
import { MAX_V2_BYTES, V2_SIGNATURE, decodeV2 } from './v2.ts';

/** No header needs more bytes to be judged. */
export const MAX_PROXY_HEADER_BYTES = Math.max(MAX_V1_BYTES, MAX_V2_BYTES);

/** Whether the bytes, as far as there are both, are those of the mark. */
const begins = (bytes: Buffer, mark: Buffer): boolean => {
  const length = Math.min(bytes.length, mark.length);
  return bytes.compare(mark, 0, length, 0, length) === 0;
};

/** Judges the bytes of a connection so far, from the first one on. */
export const decodeProxyHeader = (bytes: Buffer): ProxyHeader => {
  if (begins(bytes, V2_SIGNATURE)) return bytes.length < V2_SIGNATURE.length ? needMore : decodeV2(bytes);
  if (begins(bytes, V1_PREFIX)) return bytes.length < V1_PREFIX.length ? needMore : decodeV1(bytes);
  return absent;
};
