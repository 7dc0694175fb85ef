/** What the parts of access work with. */
import type { SessionLimits } from '@otedama/access';
import type { Clock } from '@otedama/contracts';
import type { AccessStore } from '@otedama/ledger';
import type { Passwords } from './passwords.ts';
import type { Tokens } from './tokens.ts';

export interface AccessContext {
  readonly store: AccessStore;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly limits: SessionLimits;
  readonly clock: Clock;
}
