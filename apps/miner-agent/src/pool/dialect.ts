/** Which protocol is spoken to a pool: the algorithm decides it, for Ethash the scheme of the URL may. */
import type { Algorithm } from '@otedama/native';
import { ethProxyClient, ethereumStratumClient } from '@otedama/stratum-ethereum/client';
import { kawpowClient } from '@otedama/stratum-kawpow/client';
import { moneroClient } from '@otedama/stratum-monero/client';
import { stratumV1Client } from '@otedama/stratum-v1/client';
import type { PoolDialect } from '@otedama/stratum/client';
import type { PoolScheme } from './endpoint.ts';

/** Undefined where the algorithm knows no such scheme. */
export const dialectOf = (algorithm: Algorithm, scheme: PoolScheme): PoolDialect | undefined => {
  switch (algorithm) {
    case 'ethash':
    case 'etchash':
      return scheme === 'stratum1' ? ethProxyClient(algorithm) : ethereumStratumClient(algorithm);
    case 'sha256d':
    case 'scrypt':
      return scheme === 'stratum' ? stratumV1Client(algorithm) : undefined;
    case 'kawpow':
      return scheme === 'stratum' ? kawpowClient : undefined;
    case 'randomx':
    case 'randomx-v2':
      return scheme === 'stratum' ? moneroClient(algorithm) : undefined;
  }
};
