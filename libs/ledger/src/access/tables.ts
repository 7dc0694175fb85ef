/** The tables of access as Kysely sees them; what they mean stands in migration 0012. */
import type { Role } from '@otedama/contracts';
import type { ColumnType, Generated } from 'kysely';

type Whole = ColumnType<string, bigint | string, bigint | string>;

export interface AccessUserTable {
  id: ColumnType<string, never, never>;
  name: string;
  role: Role;
  password: string;
  is_password_temporary: boolean;
  is_disabled: Generated<boolean>;
  totp_secret: Buffer | null;
  totp_pending: Buffer | null;
  totp_last_step: Whole | null;
  created_at_ms: Whole;
  last_login_at_ms: Whole | null;
}

export interface AccessRecoveryCodeTable {
  user_id: Whole;
  digest: Buffer;
}

export interface AccessKeyTable {
  id: ColumnType<string, never, never>;
  digest: Buffer;
  shown: string;
  name: string;
  role: Role;
  created_by: string;
  created_at_ms: Whole;
  expires_at_ms: Whole | null;
  revoked_at_ms: Whole | null;
  last_used_at_ms: Whole | null;
}

export interface AccessSessionTable {
  id: string;
  user_id: Whole;
  address: string;
  agent: string;
  started_at_ms: Whole;
  refreshed_at_ms: Whole;
  ended_at_ms: Whole | null;
}

export interface AccessRefreshTable {
  digest: Buffer;
  session_id: string;
  replaced_at_ms: Whole | null;
}

export interface AccessSigningKeyTable {
  kid: string;
  private_jwk: unknown;
  made_at_ms: Whole;
}

export interface AccessTables {
  access_user: AccessUserTable;
  access_recovery_code: AccessRecoveryCodeTable;
  access_key: AccessKeyTable;
  access_session: AccessSessionTable;
  access_refresh: AccessRefreshTable;
  access_signing_key: AccessSigningKeyTable;
}
