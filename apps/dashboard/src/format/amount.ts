/** Money: atomic units as exact decimals. Never through a floating point number. */

export interface AmountParts {
  /** With sign and grouped thousands. */
  readonly whole: string;
  /** Digits after the point up to the last that is not zero. */
  readonly significant: string;
  /** The zeros after it, which complete the coin's decimals. */
  readonly zeros: string;
}

const group = (digits: string): string => digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');

export function amountParts(atomic: string, decimals: number): AmountParts {
  const value = BigInt(atomic);
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const split = digits.length - decimals;
  const fraction = digits.slice(split);
  const significant = fraction.replace(/0+$/, '');
  return {
    whole: `${value < 0n ? '−' : ''}${group(digits.slice(0, split))}`,
    significant,
    zeros: fraction.slice(significant.length),
  };
}

export function formatAmount(atomic: string, decimals: number): string {
  const { whole, significant, zeros } = amountParts(atomic, decimals);
  return decimals === 0 ? whole : `${whole}.${significant}${zeros}`;
}
