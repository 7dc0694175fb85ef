/** Numbers as people read them. */

const HASH_UNITS = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s', 'PH/s', 'EH/s', 'ZH/s'] as const;

export const formatHashrate = (hashrateHs: number): string => {
  let value = hashrateHs;
  let unit = 0;
  while (value >= 1000 && unit < HASH_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 ? 0 : 2)} ${HASH_UNITS[unit]}`;
};

/** Atomic units as an exact decimal; trailing zeros are dropped, at least two digits stay. */
export const formatAmount = (atomic: string, decimals: number): string => {
  const negative = atomic.startsWith('-');
  const digits = (negative ? atomic.slice(1) : atomic).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits
    .slice(digits.length - decimals)
    .replace(/0+$/, '')
    .padEnd(2, '0');
  return `${negative ? '-' : ''}${whole}.${fraction}`;
};

/** Undefined for what is no amount, or has more decimals than the coin: nothing is rounded. */
export const parseAmount = (text: string, decimals: number): bigint | undefined => {
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d{1,38})(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === '' || fraction.length > decimals) return undefined;
  const atomic = BigInt(whole + fraction.padEnd(decimals, '0'));
  return sign === '-' ? -atomic : atomic;
};

export const formatDuration = (seconds: number): string => {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${minutes}m`;
  if (minutes > 0) return `${minutes}m ${seconds % 60}s`;
  return `${seconds}s`;
};

/** In UTC, which the title of its column says. */
export const formatMinute = (atMs: number | undefined): string =>
  atMs === undefined ? '-' : new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
