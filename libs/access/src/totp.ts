/**
 * One-time codes by RFC 6238: HMAC-SHA-1, 30 seconds, 6 digits, which is what every authenticator app speaks. A code
 * is taken once: the step that it belongs to is remembered, and neither it nor an earlier one is taken again.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { encodeBase32 } from './base32.ts';

const STEP_MS = 30_000;
const DIGITS = 6;
/** Clocks of telephones are off by half a minute at times. */
const STEPS_AROUND = 1;
/** As long as the digest, as RFC 4226 asks. */
export const TOTP_SECRET_BYTES = 20;

/** RFC 4226. */
export const hotp = (secret: Uint8Array, counter: number, digits = DIGITS): string => {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(moving).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(number % 10 ** digits).padStart(digits, '0');
};

export const totpStep = (atMs: number): number => Math.floor(atMs / STEP_MS);

export interface TotpState {
  readonly secret: Uint8Array;
  /** The step of the last code that was taken; undefined: none was. */
  readonly lastStep: number | undefined;
}

const isSame = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The step of the code, to be remembered; undefined: wrong, or taken before. */
export const checkTotp = (
  { secret, lastStep }: TotpState,
  code: string,
  atMs: number,
): number | undefined => {
  if (!/^\d{6}$/.test(code)) return undefined;
  const now = totpStep(atMs);
  for (let step = now - STEPS_AROUND; step <= now + STEPS_AROUND; step += 1) {
    const isNew = lastStep === undefined || step > lastStep;
    if (step >= 0 && isNew && isSame(hotp(secret, step), code)) return step;
  }
  return undefined;
};

/** What an authenticator app scans. */
export const totpUri = (secret: Uint8Array, name: string): string =>
  `otpauth://totp/Otedama:${encodeURIComponent(name)}?secret=${encodeBase32(secret)}&issuer=Otedama`;
