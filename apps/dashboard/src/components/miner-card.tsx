import type { MiningStatus } from '@otedama/contracts';
import { useState } from 'preact/hooks';

import { type MiningCommand, sendMiningCommand } from '../api/mining.ts';
import { hashrateParts } from '../format/hashrate.ts';
import { formatCount } from '../format/number.ts';
import { plural } from '../format/text.ts';
import { mayOperate } from '../api/session.ts';
import type { AccountControl } from './account.tsx';
import { Card, Fact } from './card.tsx';
import { KeyDialog } from './key-dialog.tsx';
import { Pill, type Tone } from './pill.tsx';

const STATES: Record<MiningStatus['state'], { tone: Tone; text: string }> = {
  off: { tone: 'quiet', text: 'Off' },
  stopped: { tone: 'quiet', text: 'Stopped' },
  connecting: { tone: 'busy', text: 'Connecting' },
  mining: { tone: 'good', text: 'Mining' },
  waiting: { tone: 'warn', text: 'Waiting' },
};

/** What a click does next, in the state that the miner is in. */
const commandFor = (state: MiningStatus['state']): MiningCommand => (state === 'stopped' ? 'start' : 'stop');

const workingWith = ({ threads, backend }: MiningStatus): string =>
  `${threads} ${plural(threads, 'thread')}${backend === undefined ? '' : `, ${backend}`}`;

/** Sends commands, asking for the key when the API wants one and nobody can log in. */
function useMiningControl(onMining: (mining: MiningStatus) => void, { who, lookAgain }: AccountControl) {
  const [apiKey, setApiKey] = useState<string>();
  const [asking, setAsking] = useState<{ command: MiningCommand; wasRefused: boolean }>();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  const send = async (command: MiningCommand, key: string | undefined): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    const reply = await sendMiningCommand(command, key);
    setBusy(false);
    setApiKey(reply.kind === 'done' ? key : undefined);
    const wantsKey = reply.kind === 'key-needed' && who?.canLogIn !== true;
    setAsking(wantsKey ? { command, wasRefused: key !== undefined } : undefined);
    if (reply.kind === 'key-needed' && !wantsKey) lookAgain();
    if (reply.kind === 'failed') setFailure(reply.message);
    if (reply.kind === 'done') onMining(reply.mining);
  };
  return {
    isBusy,
    failure,
    asking,
    send: (command: MiningCommand) => void send(command, apiKey),
    withKey: (key: string) => {
      if (asking !== undefined) void send(asking.command, key);
    },
    cancel: () => setAsking(undefined),
  };
}

function Details({ mining }: { readonly mining: MiningStatus }) {
  if (mining.reason !== undefined && mining.state !== 'mining') {
    return <span class="fact wrap">{mining.reason}</span>;
  }
  return (
    <>
      <Fact label="accepted" testId="miner-shares-accepted">
        {formatCount(mining.shares.accepted)}
      </Fact>
      <Fact label="rejected" testId="miner-shares-rejected">
        {formatCount(mining.shares.rejected + mining.shares.stale)}
      </Fact>
    </>
  );
}

interface MinerCardProps {
  readonly mining: MiningStatus;
  /** There is an API to send commands to. */
  readonly isConnected: boolean;
  readonly onMining: (mining: MiningStatus) => void;
  readonly account: AccountControl;
}

export function MinerCard({ mining, isConnected, onMining, account }: MinerCardProps) {
  const control = useMiningControl(onMining, account);
  const command = commandFor(mining.state);
  const { tone, text } = STATES[mining.state];
  const { value, unit } = hashrateParts(mining.hashrateHs);
  return (
    <Card
      label="This miner"
      value={value}
      unit={unit}
      testId="miner-hashrate"
      aside={
        <span title={workingWith(mining)}>
          <Pill tone={tone} testId="miner-state">
            {text}
          </Pill>
        </span>
      }
      action={
        mining.state !== 'off' &&
        mayOperate(account.who) && (
          <button
            type="button"
            class="button small"
            data-testid="miner-toggle"
            disabled={control.isBusy || !isConnected}
            onClick={() => control.send(command)}
          >
            {command === 'start' ? 'Start' : 'Stop'}
          </button>
        )
      }
    >
      {control.failure === undefined ? (
        <Details mining={mining} />
      ) : (
        <span class="fact wrap error" role="alert">
          {control.failure}
        </span>
      )}
      {control.asking !== undefined && !control.isBusy && (
        <KeyDialog isRetry={control.asking.wasRefused} onKey={control.withKey} onCancel={control.cancel} />
      )}
    </Card>
  );
}
