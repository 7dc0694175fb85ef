import type { Who } from '../../api/session.ts';
import { type PageId, pageHash, pagesFor } from '../../state/page.ts';

interface PagesNavProps {
  readonly who: Who | undefined;
  /** Undefined: the page of a pool. */
  readonly page: PageId | undefined;
}

export function PagesNav({ who, page }: PagesNavProps) {
  const pages = pagesFor(who);
  if (pages.length === 0) return null;
  return (
    <nav class="pools" aria-label="Pages" data-testid="pages">
      <a class="pool-tab" href="#" aria-current={page === undefined ? 'page' : undefined}>
        Pool
      </a>
      {pages.map(({ id, title }) => (
        <a
          key={id}
          class="pool-tab"
          href={pageHash(id)}
          data-testid={`page-${id}`}
          aria-current={id === page ? 'page' : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}
