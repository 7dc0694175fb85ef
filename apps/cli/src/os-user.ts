/** Whoever sits at the terminal, as the audit log names them. */
import { userInfo } from 'node:os';
import type { AuditActor } from '@otedama/contracts';

export const osUser = (): AuditActor => {
  const { uid, username } = userInfo();
  return { kind: 'os', id: uid.toString(), name: username };
};
