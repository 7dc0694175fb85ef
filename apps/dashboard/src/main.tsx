/** Wires the page: socket to view, view to screen. */
import type { MiningStatus } from '@otedama/contracts';
import { render } from 'preact';
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';

import { blockInHash } from './api/settlement.ts';
import { App } from './app.tsx';
import { formatHashrate } from './format/hashrate.ts';
import {
  type ConnectionState,
  type LiveConnection,
  type SocketEvents,
  createLiveConnection,
} from './live/connection.ts';
import { EMPTY_VIEW, type View, applyFrame, applyMining, selectPool } from './state/view.ts';
import './styles/main.css';

/** Relative to the page, like everything else it asks for. */
function openSocket(events: SocketEvents): () => void {
  const url = new URL('api/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  const socket = new WebSocket(url);
  socket.addEventListener('message', ({ data }) => events.message(data));
  socket.addEventListener('close', () => events.closed());
  return () => socket.close();
}

const chosenInUrl = (): string | undefined =>
  new URLSearchParams(location.hash.slice(1)).get('pool') ?? undefined;

type Change = (view: View) => View;

function Root() {
  const [view, change] = useReducer((current: View, apply: Change) => apply(current), EMPTY_VIEW);
  const [connection, setConnection] = useState<ConnectionState>({ kind: 'connecting' });
  const [chosenPool, setChosenPool] = useState(chosenInUrl);
  const [block, setBlock] = useState(() => blockInHash(location.hash));
  const live = useRef<LiveConnection | undefined>(undefined);

  useEffect(() => {
    const created = createLiveConnection({
      open: openSocket,
      onFrame: (frame) => change((current) => applyFrame(current, frame)),
      onState: setConnection,
      now: () => Date.now(),
      random: () => Math.random(),
      schedule(callback, delayMs) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
    });
    live.current = created;
    const retry = (): void => created.retryNow();
    addEventListener('online', retry);
    created.start();
    return () => {
      removeEventListener('online', retry);
      created.stop();
    };
  }, []);

  useEffect(() => {
    const follow = (): void => setBlock(blockInHash(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

  const pool = selectPool(view, chosenPool);
  useEffect(() => {
    document.title = pool === undefined ? 'Otedama' : `${formatHashrate(pool.hashrateHs)} · Otedama`;
  }, [pool?.hashrateHs]);

  const selectInUrl = (poolId: string): void => {
    history.replaceState(null, '', `#${new URLSearchParams({ pool: poolId }).toString()}`);
    setChosenPool(poolId);
    setBlock(undefined);
  };
  return (
    <App
      view={view}
      connection={connection}
      chosenPool={chosenPool}
      block={block}
      onSelectPool={selectInUrl}
      onMining={(mining: MiningStatus) => change((current) => applyMining(current, mining))}
      onRetry={() => live.current?.retryNow()}
    />
  );
}

const host = document.getElementById('app');
if (host !== null) render(<Root />, host);
