/** The attackers, in a process of their own: what they take of its event loop is none of the honest miners' time. */
import { attacks } from '../attacks/index.ts';
import type { Fared } from '../attack.ts';
import { type Order, unleash } from './force.ts';

export interface AttackOrder extends Order {
  readonly attack: string;
}

export type AttackReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'fared'; readonly fared: Fared }
  | { readonly kind: 'failed'; readonly error: string };

const report = (message: AttackReport): void => {
  process.send?.(message);
};

process.on('message', (order: AttackOrder) => {
  const attack = attacks.find(({ name }) => name === order.attack);
  if (attack === undefined) throw new Error(`no such attack: ${order.attack}`);
  unleash(attack, order).then(
    (fared) => report({ kind: 'fared', fared }),
    (error: unknown) => report({ kind: 'failed', error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
report({ kind: 'ready' });
