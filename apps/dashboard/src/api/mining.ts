/** Start and stop of this installation's miner. */
import type { MiningStatus } from '@otedama/contracts';
import { problemMessage } from './problem.ts';

export type MiningCommand = 'start' | 'stop';

export type MiningReply =
  | { readonly kind: 'done'; readonly mining: MiningStatus }
  | { readonly kind: 'key-needed' }
  | { readonly kind: 'failed'; readonly message: string };

export async function sendMiningCommand(
  command: MiningCommand,
  apiKey: string | undefined,
): Promise<MiningReply> {
  try {
    const response = await fetch(`api/mining/${command}`, {
      method: 'POST',
      headers: apiKey === undefined ? {} : { 'x-api-key': apiKey },
    });
    if (response.ok) return { kind: 'done', mining: (await response.json()) as MiningStatus };
    if (response.status === 401) return { kind: 'key-needed' };
    return { kind: 'failed', message: await problemMessage(response) };
  } catch (error) {
    // What fetch() throws when there is no answer at all.
    if (error instanceof TypeError) return { kind: 'failed', message: 'The API cannot be reached.' };
    throw error;
  }
}
