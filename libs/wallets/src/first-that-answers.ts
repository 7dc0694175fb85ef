/** The daemons of a pool as one: what one of them takes it tells the others, so it does not matter who answers. */
import { isDaemonError } from '@otedama/daemon-rpc';
import type { RpcClient } from '@otedama/daemon-rpc/rpc';

/** A daemon that answers with an error has answered. */
const isNoAnswer = (error: unknown): boolean => isDaemonError(error) && error.rpcCode === undefined;

export const firstThatAnswers = (clients: readonly RpcClient[]): RpcClient => ({
  async call(method, params, result, options) {
    let failure: unknown = new TypeError('there is no daemon to ask');
    for (const client of clients) {
      try {
        return await client.call(method, params, result, options);
      } catch (error) {
        if (!isNoAnswer(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  },
  close: () => {
    for (const client of clients) client.close();
  },
});
