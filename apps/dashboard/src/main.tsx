/** Wires the page: socket to view, view to screen. */
import type { MiningStatus } from '@otedama/contracts';
import { BLOCKS_TOPIC, STATUS_TOPIC, poolTopic } from '@otedama/contracts/live';
import { render } from 'preact';
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';

import { blockInHash } from './api/settlement.ts';
import { App } from './app.tsx';
import { formatHashrate } from './format/hashrate.ts';
import {
  type ConnectionState,
  type LiveConnection,
  type OpenSocket,
  type SocketEvents,
  createLiveConnection,
} from './live/connection.ts';
import { pageInHash } from './state/page.ts';
import { EMPTY_VIEW, type View, applyChange, applyMining, applyTime, selectPool } from './state/view.ts';
import './styles/main.css';

/** Relative to the page, like everything else it asks for. */
function openSocket(events: SocketEvents): OpenSocket {
  const url = new URL('api/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  const socket = new WebSocket(url);
  socket.addEventListener('message', ({ data }) => events.message(data));
  socket.addEventListener('close', () => events.closed());
  return { send: (text) => socket.send(text), close: () => socket.close() };
}

const chosenInUrl = (): string | undefined =>
  new URLSearchParams(location.hash.slice(1)).get('pool') ?? undefined;

/** What the page shows: of one pool more than of the others. */
const topicsOf = (poolId: string | undefined): string[] => [
  STATUS_TOPIC,
  BLOCKS_TOPIC,
  ...(poolId === undefined ? [] : [poolTopic(poolId)]),
];

type Change = (view: View) => View;

/** The place that the address names, whoever changes it; `replaceState` says so to nobody. */
function useAddress(): { readonly hash: string; readonly follow: () => void } {
  const [hash, setHash] = useState(location.hash);
  const follow = (): void => setHash(location.hash);
  useEffect(() => {
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return { hash, follow };
}

function Root() {
  const [view, change] = useReducer((current: View, apply: Change) => apply(current), EMPTY_VIEW);
  const [connection, setConnection] = useState<ConnectionState>({ kind: 'connecting' });
  const [chosenPool, setChosenPool] = useState(chosenInUrl);
  const { hash, follow } = useAddress();
  const live = useRef<LiveConnection | undefined>(undefined);

  useEffect(() => {
    const created = createLiveConnection({
      open: openSocket,
      onChange: (changed) => change((current) => applyChange(current, changed)),
      onTime: (atMs) => change((current) => applyTime(current, atMs)),
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
    created.want(topicsOf(undefined));
    created.start();
    return () => {
      removeEventListener('online', retry);
      created.stop();
    };
  }, []);

  const pool = selectPool(view, chosenPool);
  useEffect(() => live.current?.want(topicsOf(pool?.id)), [pool?.id]);
  useEffect(() => {
    document.title = pool === undefined ? 'Otedama' : `${formatHashrate(pool.hashrateHs)} · Otedama`;
  }, [pool?.hashrateHs]);

  const selectInUrl = (poolId: string): void => {
    history.replaceState(null, '', `#${new URLSearchParams({ pool: poolId }).toString()}`);
    setChosenPool(poolId);
    follow();
  };
  return (
    <App
      view={view}
      connection={connection}
      chosenPool={chosenPool}
      block={blockInHash(hash)}
      page={pageInHash(hash)}
      onSelectPool={selectInUrl}
      onMining={(mining: MiningStatus) => change((current) => applyMining(current, mining))}
      onRetry={() => live.current?.retryNow()}
    />
  );
}

const host = document.getElementById('app');
if (host !== null) render(<Root />, host);
