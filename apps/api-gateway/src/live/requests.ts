/** What a client says, and what it is told of it. */
import { type LiveFrame, type LiveRequest, liveRequestSchema } from '@otedama/contracts';
import { needsViewer, parseLiveTopic } from '@otedama/contracts/live';

import type { Identity } from '../http/identity.ts';
import { QueryError } from '../query/query-client.ts';
import type { Viewer } from './viewer.ts';

export interface Asking {
  readonly viewer: Viewer;
  readonly identify: (token: string) => Promise<Identity | undefined>;
  readonly follow: (topic: string) => void;
  readonly unfollow: (topic: string) => void;
  readonly say: (frame: LiveFrame) => void;
}

type ErrorFrame = Extract<LiveFrame, { type: 'error' }>;

const failure = (code: ErrorFrame['code'], detail: string, topic?: string): ErrorFrame => ({
  type: 'error',
  code,
  detail,
  ...(topic === undefined ? {} : { topic }),
});

/** Why a client may not hear a topic. */
export function refuse(viewer: Viewer, name: string): ErrorFrame | undefined {
  const topic = parseLiveTopic(name);
  if (topic === undefined) return failure('bad-topic', 'No topic has this name.', name);
  if (!needsViewer(topic) || viewer.has('viewer')) return undefined;
  return failure('unauthorized', 'This needs the role viewer: authenticate first.', name);
}

function parseRequest(text: string | undefined): LiveRequest | string {
  if (text === undefined) return 'Messages are text.';
  try {
    const request = liveRequestSchema.safeParse(JSON.parse(text));
    if (request.success) return request.data;
    const [issue] = request.error.issues;
    return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`.replace(/^: /, '');
  } catch (error) {
    if (error instanceof SyntaxError) return 'This is not JSON.';
    throw error;
  }
}

function subscribe(
  { viewer, follow, say }: Asking,
  topics: Extract<LiveRequest, { type: 'subscribe' }>['topics'],
) {
  for (const { topic, after } of topics) {
    const refusal = refuse(viewer, topic);
    if (refusal !== undefined) say(refusal);
    else if (viewer.add(topic, after)) follow(topic);
    else say(failure('too-many-topics', 'Unsubscribe from something first.', topic));
  }
}

function unsubscribe({ viewer, unfollow, say }: Asking, topics: readonly string[]): void {
  for (const topic of topics) {
    if (!viewer.remove(topic)) continue;
    unfollow(topic);
    say({ type: 'unsubscribed', topic, reason: 'asked' });
  }
}

async function authenticate({ viewer, identify, say }: Asking, token: string): Promise<void> {
  const identity = await identify(token).catch((error: unknown) => {
    if (error instanceof QueryError) return 'unknown' as const;
    throw error;
  });
  if (identity === undefined || identity === 'unknown') {
    const detail =
      identity === undefined ? 'Nobody is known by this token.' : 'Who that is cannot be told now.';
    say(failure('unauthorized', detail));
    return;
  }
  viewer.identify(identity);
  say({ type: 'authenticated', role: identity.role, name: identity.name });
}

export async function answerRequest(asking: Asking, text: string | undefined): Promise<void> {
  const request = parseRequest(text);
  if (typeof request === 'string') {
    asking.say(failure('bad-message', request));
    return;
  }
  switch (request.type) {
    case 'authenticate':
      await authenticate(asking, request.token);
      return;
    case 'subscribe':
      subscribe(asking, request.topics);
      return;
    case 'unsubscribe':
      unsubscribe(asking, request.topics);
  }
}
