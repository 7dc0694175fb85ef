import type { ComponentChildren } from 'preact';

interface PanelProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly className?: string;
  readonly children: ComponentChildren;
}

export function Panel({ title, aside, className = '', children }: PanelProps) {
  return (
    <section class={`panel ${className}`} aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        {aside !== undefined && <div class="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** Why there is nothing, and what would make it appear. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

interface KnownProps {
  readonly title: string;
  /** Undefined: never told, which is not the same as none. */
  readonly list: unknown;
  readonly children: ComponentChildren;
}

/** The panel of a list, or what stands in for it until the list is known. */
export function Known({ title, list, children }: KnownProps) {
  if (list !== undefined) return <>{children}</>;
  return (
    <Panel title={title}>
      <Empty title="Not known yet">The ledger has not answered.</Empty>
    </Panel>
  );
}
