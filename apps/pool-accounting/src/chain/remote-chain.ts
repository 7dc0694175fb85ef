/** The view of the chains by asking share-validator over the Nest transport. */
import type { ClientProxy } from '@nestjs/microservices';
import { CHAIN_STANDING, type ChainStandingRequest, chainStandingSchema } from '@otedama/contracts';
import { lastValueFrom, timeout } from 'rxjs';
import type { ChainView } from '../ports.ts';

/** Daemons answer within seconds or not at all; the next look is two seconds later. */
const ANSWER_MS = 30_000;

/** Rejects when nobody answers: the block then stays as it is. */
export const createRemoteChain =
  (client: ClientProxy) =>
  (poolId: string, coin: string): ChainView => ({
    async blockConfirmations(hash, height) {
      const request: ChainStandingRequest = { poolId, coin, hash, height };
      const answer = client.send<unknown>(CHAIN_STANDING, request).pipe(timeout(ANSWER_MS));
      return chainStandingSchema.parse(await lastValueFrom(answer));
    },
  });
