/** Hash rates with the unit that keeps them between 1 and 1000, to three digits. */
const UNITS = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s', 'PH/s', 'EH/s', 'ZH/s'] as const;
const STEP = 1_000;

export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** Three significant digits, without an exponent: 1.23, 12.3, 123. */
export function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function hashrateParts(hashesPerSecond: number): Quantity {
  if (!Number.isFinite(hashesPerSecond) || hashesPerSecond <= 0) return { value: '0', unit: 'H/s' };
  let value = hashesPerSecond;
  let index = 0;
  // 999.5 would print as 1000: it belongs to the next unit.
  while (value >= STEP - 0.5 && index < UNITS.length - 1) {
    value /= STEP;
    index += 1;
  }
  const unit = UNITS[index] ?? 'H/s';
  return { value: index === 0 ? value.toFixed(value < 10 ? 1 : 0) : threeDigits(value), unit };
}

export function formatHashrate(hashesPerSecond: number): string {
  const { value, unit } = hashrateParts(hashesPerSecond);
  return `${value} ${unit}`;
}
