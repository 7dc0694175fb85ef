import type { ApiStatus } from '@otedama/contracts';

import { formatDuration } from '../format/time.ts';
import type { ConnectionState } from '../live/connection.ts';
import { type AccountControl, AccountMenu } from './account.tsx';
import { Pill, type Tone } from './pill.tsx';

const CONNECTION: Record<ConnectionState['kind'], { tone: Tone; text: string }> = {
  connecting: { tone: 'busy', text: 'Connecting' },
  live: { tone: 'good', text: 'Live' },
  waiting: { tone: 'bad', text: 'Disconnected' },
};

interface HeaderProps {
  readonly status: ApiStatus | undefined;
  readonly connection: ConnectionState;
  readonly account: AccountControl;
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <circle cx="9" cy="21.5" r="6" fill="var(--mark-a)" />
      <circle cx="23" cy="21.5" r="6" fill="var(--mark-b)" />
      <circle cx="16" cy="9.5" r="6" fill="var(--mark-c)" />
    </svg>
  );
}

export function Header({ status, connection, account }: HeaderProps) {
  const { tone, text } = CONNECTION[connection.kind];
  return (
    <header class="top">
      <div class="brand">
        <Mark />
        <h1>Otedama</h1>
        {status !== undefined && (
          <span class="version" data-testid="version">
            {status.version}
          </span>
        )}
      </div>
      <div class="top-facts">
        {status !== undefined && (
          <span class="uptime">
            <span class="label">Uptime</span>{' '}
            <span data-testid="uptime">{formatDuration(status.uptimeSeconds)}</span>
          </span>
        )}
        <a href="api/docs">API</a>
        <AccountMenu {...account} />
        <span role="status">
          <Pill tone={tone} testId="connection">
            {text}
          </Pill>
        </span>
      </div>
    </header>
  );
}
