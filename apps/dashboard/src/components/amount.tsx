import { amountParts } from '../format/amount.ts';

interface AmountProps {
  readonly atomic: string;
  readonly decimals: number;
  readonly symbol?: string;
}

/** An exact amount; the zeros that only fill the coin's decimals are dimmed. */
export function Amount({ atomic, decimals, symbol }: AmountProps) {
  const { whole, significant, zeros } = amountParts(atomic, decimals);
  return (
    <span class="amount">
      {whole}
      {decimals > 0 && (
        <>
          <span class={significant === '' ? 'faint' : undefined}>.</span>
          {significant}
          <span class="faint">{zeros}</span>
        </>
      )}
      {symbol !== undefined && <span class="unit"> {symbol}</span>}
    </span>
  );
}
