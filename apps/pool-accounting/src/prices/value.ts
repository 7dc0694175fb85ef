/** An amount of a coin in a reference currency, by whole numbers alone. Cut to cents, never rounded up. */

export const VALUE_DECIMALS = 2;

/** Both as decimal text: `price` is of one whole coin. */
export const valueOf = (amountAtomic: bigint, decimals: number, price: string): string => {
  const [units = '', fraction = ''] = price.split('.');
  const scaled = amountAtomic * BigInt(units + fraction) * 10n ** BigInt(VALUE_DECIMALS);
  const cents = scaled / 10n ** BigInt(decimals + fraction.length);
  const digits = (cents < 0n ? -cents : cents).toString().padStart(VALUE_DECIMALS + 1, '0');
  const split = digits.length - VALUE_DECIMALS;
  return `${cents < 0n ? '-' : ''}${digits.slice(0, split)}.${digits.slice(split)}`;
};
