export { encodeBase32 } from './base32.ts';
export { type Budget, type LoginAttempt, loginBudgets } from './login-budget.ts';
export { isUserName } from './names.ts';
export {
  MAX_PASSWORD_CHARS,
  MIN_PASSWORD_CHARS,
  PASSWORD_FAULTS,
  type PasswordFault,
  judgePassword,
} from './password-policy.ts';
export {
  HASH_BYTES,
  type PasswordRecord,
  SALT_BYTES,
  SCRYPT_COST,
  type ScryptCost,
  decodePasswordRecord,
  encodePasswordRecord,
} from './password-record.ts';
export { RECOVERY_CODES, RECOVERY_CODE_BYTES, formatRecoveryCode, recoveryDigest } from './recovery-codes.ts';
export {
  ACCESS_TOKEN_MS,
  MAX_SESSIONS_OF_USER,
  REFRESH_GRACE_MS,
  type RefreshVerdict,
  type SessionLimits,
  type SessionTimes,
  isAlive,
  judgeRefresh,
  sessionLimits,
} from './sessions.ts';
export {
  SECRET_BYTES,
  digestOf,
  formatApiKey,
  formatRefreshToken,
  isApiKey,
  isRefreshToken,
  shownPart,
} from './tokens.ts';
export { TOTP_SECRET_BYTES, type TotpState, checkTotp, hotp, totpStep, totpUri } from './totp.ts';
