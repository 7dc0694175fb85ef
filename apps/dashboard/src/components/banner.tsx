import type { StatusPart } from '@otedama/contracts';
import { useEffect, useState } from 'preact/hooks';

import type { ConnectionState } from '../live/connection.ts';

const SERVICES: Record<StatusPart, string> = {
  accounting: 'pool-accounting',
  validator: 'share-validator',
  gateway: 'stratum-gateway',
  miner: 'miner-agent',
};

/** Seconds left, counted by this machine's clock, as the retry is. */
function useSecondsUntil(atMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}

interface LostProps {
  readonly retryAtMs: number | undefined;
  readonly onRetry: () => void;
}

function Lost({ retryAtMs, onRetry }: LostProps) {
  const seconds = useSecondsUntil(retryAtMs ?? 0);
  const when = retryAtMs === undefined ? 'retrying now' : `retrying in ${seconds} s`;
  return (
    <div class="banner bad" role="alert" data-testid="connection-lost">
      <p>
        <strong>Connection lost, {when}.</strong> The figures below are the last ones received.
      </p>
      <button type="button" class="button small" onClick={onRetry} disabled={retryAtMs === undefined}>
        Retry now
      </button>
    </div>
  );
}

interface BannerProps {
  readonly connection: ConnectionState;
  /** There is something on the page that may be old. */
  readonly hasData: boolean;
  readonly unavailable: readonly StatusPart[];
  readonly onRetry: () => void;
}

/** A miner-agent that is not there is a choice, not a fault: its card says so. */
const isFault = (part: StatusPart): boolean => part !== 'miner';

export function Banner({ connection, hasData, unavailable, onRetry }: BannerProps) {
  if (connection.kind !== 'live' && (hasData || connection.kind === 'waiting')) {
    const retryAtMs = connection.kind === 'waiting' ? connection.retryAtMs : undefined;
    return <Lost retryAtMs={retryAtMs} onRetry={onRetry} />;
  }
  const silent = unavailable.filter(isFault);
  if (silent.length === 0) return null;
  return (
    <div class="banner warn" role="alert" data-testid="services-silent">
      <p>
        <strong>No answer from {silent.map((part) => SERVICES[part]).join(', ')}.</strong> What it would show
        is as it was last seen.
      </p>
    </div>
  );
}
