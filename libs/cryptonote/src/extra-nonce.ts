/**
 * How a pool divides its reserved bytes, as monero-pool and nodejs-pool do: every part a big-endian u32, which
 * is what xmr-node-proxy writes into the last two. Session and instance together are unique across the
 * fleet, so no two sessions ever hash the same blob.
 */
import { CryptonoteError } from './errors.ts';
import { type TemplateParts, templateBlob } from './template.ts';

export const EXTRA_NONCE_LAYOUT = {
  session: 0,
  instance: 4,
  proxyPool: 8,
  proxyWorker: 12,
  bytes: 16,
} as const;

export interface ExtraNonce {
  /** Counts the sessions of one instance. */
  readonly session: number;
  /** Leased by the gateway. */
  readonly instance: number;
  /** `poolNonce` and `workerNonce` of a proxy's submit, zero for miners without one. */
  readonly proxyPool: number;
  readonly proxyWorker: number;
}

const PARTS = ['session', 'instance', 'proxyPool', 'proxyWorker'] as const;

export const encodeExtraNonce = (nonce: ExtraNonce): Uint8Array => {
  const bytes = new Uint8Array(EXTRA_NONCE_LAYOUT.bytes);
  const view = new DataView(bytes.buffer);
  for (const part of PARTS) {
    const value = nonce[part];
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new CryptonoteError('RANGE', `${part} is not a 32-bit number: ${value}`);
    }
    view.setUint32(EXTRA_NONCE_LAYOUT[part], value);
  }
  return bytes;
};

export interface ProxyTemplate {
  readonly blob: Uint8Array;
  /** `reserved_offset`, `client_pool_offset` and `client_nonce_offset` of the job. */
  readonly reservedOffset: number;
  readonly clientPoolOffset: number;
  readonly clientNonceOffset: number;
}

/** The template for an xmr-node-proxy, whose own two parts are still zero. */
export const proxyTemplate = (
  parts: TemplateParts,
  { session, instance }: Pick<ExtraNonce, 'session' | 'instance'>,
): ProxyTemplate => {
  const reservedOffset = parts.header.length + parts.minerTxPrefix.length;
  return {
    blob: templateBlob(parts, encodeExtraNonce({ session, instance, proxyPool: 0, proxyWorker: 0 })),
    reservedOffset,
    clientPoolOffset: reservedOffset + EXTRA_NONCE_LAYOUT.proxyPool,
    clientNonceOffset: reservedOffset + EXTRA_NONCE_LAYOUT.proxyWorker,
  };
};
