/** One question to the API, and what it said. */
import { problemMessage } from './problem.ts';

export type Answer<Value> =
  | { readonly kind: 'known'; readonly value: Value }
  | { readonly kind: 'failed'; readonly message: string };

export interface AskOptions {
  readonly body?: object;
  readonly signal?: AbortSignal;
}

export async function ask<Value>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  { body, signal }: AskOptions = {},
): Promise<Answer<Value>> {
  try {
    const response = await fetch(path, {
      method,
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) return { kind: 'failed', message: await problemMessage(response) };
    // The API checks what it says against the schemas of these types.
    return { kind: 'known', value: (await response.json()) as Value };
  } catch (error) {
    // What fetch() throws when there is no answer at all.
    if (error instanceof TypeError) return { kind: 'failed', message: 'The API cannot be reached.' };
    // A proxy's own page, say.
    if (error instanceof SyntaxError) return { kind: 'failed', message: 'What answered is not the API.' };
    throw error;
  }
}

/** A page of a list. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly more: boolean;
}
