/** Who does things by hand in tests. */
import type { ActedBy } from '../audit/append.ts';

export const OPERATOR = { kind: 'os', id: '1000', name: 'op' } as const;

export const operator = (reason: string): ActedBy => ({ actor: OPERATOR, reason });
