/**
 * Headers of every reply. The policy admits this origin's own files and nothing inline: the dashboard and
 * Swagger UI are built to live with that (styles set by script go through the CSSOM, which CSP permits).
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Swagger UI draws its icons from data URLs in its style sheet.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const BASE: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** Half a year: long enough to matter, short enough to get out of. */
const HSTS = 'max-age=15552000';

export const securityHeaders = (isTls: boolean): Readonly<Record<string, string>> =>
  isTls ? { ...BASE, 'strict-transport-security': HSTS } : BASE;
