/**
 * Whether work that a daemon offers replaces the work of the pool: pure. Daemons hear of blocks at different
 * times and may follow different branches for a while; the pool must neither go back to an old tip nor jump
 * between branches with every answer.
 */
export interface OfferedTip {
  /** Display order. */
  readonly prevHash: string;
  readonly height: number;
}

export interface ChoiceContext {
  /** The offer comes from the daemon that the current work came from. */
  readonly sameDaemon: boolean;
  /** The daemon of the current work may still be used. */
  readonly currentUsable: boolean;
  /** The offer comes from the first daemon in order of preference. */
  readonly preferred: boolean;
}

export type Choice = 'new-tip' | 'refresh' | 'ignore';

export const choose = (
  current: OfferedTip | undefined,
  offer: OfferedTip,
  context: ChoiceContext,
): Choice => {
  if (current === undefined) return 'new-tip';
  if (offer.prevHash === current.prevHash) return 'refresh';
  if (offer.height > current.height) return 'new-tip';
  // The same daemon changed its mind: a reorganisation, also to a lower height.
  if (context.sameDaemon || !context.currentUsable) return 'new-tip';
  // Two branches of one height: the operator's first choice of daemon decides, once.
  return context.preferred && offer.height === current.height ? 'new-tip' : 'ignore';
};
