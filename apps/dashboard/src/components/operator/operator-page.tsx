/** The page that the address names, for those who may see it. */
import type { PoolSummary } from '@otedama/contracts';

import type { Who } from '../../api/session.ts';
import { PAGES, type PageId, mayAs } from '../../state/page.ts';
import { Empty, Panel } from '../panel.tsx';
import { AccessPage } from './access-page.tsx';
import { AuditPage } from './audit-page.tsx';
import { BankrollPage } from './bankroll-page.tsx';
import { BansPage } from './bans-page.tsx';

export interface OperatorPageProps {
  readonly page: PageId;
  readonly who: Who | undefined;
  /** Undefined: nobody has told yet. */
  readonly pools: readonly PoolSummary[] | undefined;
}

function Content({ page, who, pools }: OperatorPageProps) {
  switch (page) {
    case 'bans':
      return <BansPage mayChange={mayAs(who, 'operator')} pools={pools?.map(({ id }) => id) ?? []} />;
    case 'bankroll':
      return <BankrollPage pools={pools} mayReadAudit={mayAs(who, 'admin')} />;
    case 'audit':
      return <AuditPage />;
    case 'access':
      return <AccessPage />;
    default:
      return page satisfies never;
  }
}

export function OperatorPage(props: OperatorPageProps) {
  const { page, who } = props;
  const named = PAGES.find(({ id }) => id === page);
  if (named === undefined) return null;
  if (mayAs(who, named.needs)) {
    return (
      <div class="sheet" data-testid={`${page}-page`}>
        <Content {...props} />
      </div>
    );
  }
  return (
    <Panel title={named.title}>
      <Empty title={who === undefined ? 'Asking who you are' : 'Not for you'}>
        {who !== undefined && `This page needs the role ${named.needs}: log in as somebody who has it.`}
      </Empty>
    </Panel>
  );
}
