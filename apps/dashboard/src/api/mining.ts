/** Start and stop of this installation's miner. */
import type { MiningStatus } from '@otedama/contracts';

export type MiningCommand = 'start' | 'stop';

export type MiningReply =
  | { readonly kind: 'done'; readonly mining: MiningStatus }
  | { readonly kind: 'key-needed' }
  | { readonly kind: 'failed'; readonly message: string };

/** The words of a problem-details answer. */
async function problemMessage(response: Response): Promise<string> {
  const fallback = `The API answered ${response.status}.`;
  if (!(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) return fallback;
  const { title, detail } = (await response.json()) as { title?: string; detail?: string };
  return detail ?? title ?? fallback;
}

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
