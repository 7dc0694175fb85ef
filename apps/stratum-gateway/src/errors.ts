import type { ListenAddress } from '@otedama/config';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is already in use',
  EACCES: 'this user may not use that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
};

export class GatewayListenError extends Error {
  override readonly name = 'GatewayListenError';
  readonly code = 'STRATUM_LISTEN';

  constructor(poolId: string, listen: ListenAddress, cause: Error) {
    const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? cause.message;
    super(`Pool ${poolId} cannot listen on ${listen.host}:${listen.port}: ${reason}.`, { cause });
  }
}
