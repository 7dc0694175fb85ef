/** A device that hashes when the test says so. */
import type { ClientShare, ClientWork } from '@otedama/stratum/client';
import type { Device, DeviceReadiness, OnShare } from '../devices/device.ts';
import { Mailbox } from './mailbox.ts';

export class FakeDevice implements Device {
  readonly id = 'fake';
  readonly kind = 'cpu';
  readonly name = 'Fake';
  readonly backend = 'none';
  readonly threads = 2;
  /** Work as it is given, undefined where it is taken away. */
  readonly works = new Mailbox<ClientWork | undefined>();
  onShare: OnShare = () => undefined;
  total = 0n;
  closed = false;
  state: DeviceReadiness = { searching: true, reason: undefined, notes: [] };
  #hasWork = false;

  setWork(work: ClientWork): void {
    this.#hasWork = true;
    this.works.put(work);
  }

  clearWork(): void {
    if (this.#hasWork) this.works.put(undefined);
    this.#hasWork = false;
  }

  readiness(): DeviceReadiness {
    return this.state;
  }

  hashes(): bigint {
    return this.total;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** A share of a header. */
  find(work: ClientWork | undefined, nonce = 7): void {
    if (work?.task.kind !== 'coinbase') throw new Error('no header to find a share for');
    const { extranonce2Size, nTime, version } = work.task;
    const share: ClientShare = {
      workId: work.workId,
      nonce: BigInt(nonce),
      hash: Buffer.alloc(32),
      rolled: { extranonce2: Buffer.alloc(extranonce2Size), nTime, version },
    };
    this.onShare(share);
  }
}
