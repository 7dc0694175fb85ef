interface PagerProps {
  readonly offset: number;
  readonly size: number;
  readonly more: boolean;
  readonly onPage: (offset: number) => void;
}

/** Nothing where a list has one page. */
export function Pager({ offset, size, more, onPage }: PagerProps) {
  if (offset === 0 && !more) return null;
  return (
    <div class="pager">
      <button
        type="button"
        class="button"
        disabled={offset === 0}
        onClick={() => onPage(Math.max(0, offset - size))}
      >
        Previous
      </button>
      <button type="button" class="button" disabled={!more} onClick={() => onPage(offset + size)}>
        Next
      </button>
    </div>
  );
}
