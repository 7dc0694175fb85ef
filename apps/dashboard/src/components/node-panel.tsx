import type { ApiStatus, ValidatorStatus } from '@otedama/contracts';

import { CopyButton } from './copy-button.tsx';
import { Empty, Panel } from './panel.tsx';
import { Pill, type Tone } from './pill.tsx';

type Chain = ValidatorStatus['pools'][number];
type Daemon = Chain['daemons'][number];

const STATES: Record<Daemon['state'], { tone: Tone; text: string }> = {
  up: { tone: 'good', text: 'Up' },
  syncing: { tone: 'busy', text: 'Syncing' },
  stale: { tone: 'warn', text: 'Stale' },
  down: { tone: 'bad', text: 'Down' },
};

function DaemonItem({ daemon }: { readonly daemon: Daemon }) {
  const { tone, text } = STATES[daemon.state];
  return (
    <li class="item" data-testid="daemon">
      <div>
        <span class="name">{daemon.name}</span>
        {daemon.instance !== undefined && <span class="tag">{daemon.instance}</span>}
        {daemon.active && <span class="tag">in use</span>}
        {daemon.detail !== undefined && <p class="item-detail">{daemon.detail}</p>}
      </div>
      <Pill tone={tone}>{text}</Pill>
    </li>
  );
}

/** The coin's nodes, and work that waits for one of them. */
export function DaemonPanel({ chain }: { readonly chain: Chain | undefined }) {
  const spooled = chain?.candidatesSpooled ?? 0;
  return (
    <Panel title="Coin nodes">
      {chain === undefined || chain.daemons.length === 0 ? (
        <Empty title="No coin node known" />
      ) : (
        <ul class="items" data-testid="daemons">
          {chain.daemons.map((daemon) => (
            <DaemonItem key={`${daemon.instance} ${daemon.name}`} daemon={daemon} />
          ))}
        </ul>
      )}
      {spooled > 0 && (
        <p class="note warn">
          {spooled} block {spooled === 1 ? 'candidate waits' : 'candidates wait'} for a node.
        </p>
      )}
    </Panel>
  );
}

/** An address that means "all of this machine" is none to connect to: the page's own host is. */
const stratumUrl = (address: string): string =>
  address.includes('://')
    ? address
    : `stratum+tcp://${address.replace(/^(?:0\.0\.0\.0|\[::\]|\*)?(?=:\d+$)/, location.hostname)}`;

interface GatewayPanelProps {
  readonly gateway: ApiStatus['gateway'];
  readonly poolId: string;
}

/** Where miners connect, and why they would get no work. */
export function GatewayPanel({ gateway, poolId }: GatewayPanelProps) {
  const listens = gateway.listen.filter((entry) => entry.poolId === poolId);
  const stopped = gateway.pools.find((entry) => entry.poolId === poolId)?.stoppedReason;
  return (
    <Panel title="Connect a miner">
      {listens.length === 0 ? (
        <Empty title="Not listening for miners" />
      ) : (
        <dl class="endpoint">
          {listens.map(({ address }) => (
            <div key={address}>
              <dt>URL</dt>
              <dd class="mono" data-testid="stratum-url">
                {stratumUrl(address)}
                <CopyButton text={stratumUrl(address)} label="URL" />
              </dd>
            </div>
          ))}
          <div>
            <dt>User</dt>
            <dd class="mono">your-address.worker</dd>
          </div>
        </dl>
      )}
      {stopped !== undefined && <p class="note warn">No work is given out: {stopped}</p>}
    </Panel>
  );
}
