/** A device that hashes when the test says so. */
import type { ClientShare, ClientWork } from '@otedama/stratum-v1/client';
import type { Device, OnShare } from '../devices/device.ts';
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
  #hasWork = false;

  setWork(work: ClientWork): void {
    this.#hasWork = true;
    this.works.put(work);
  }

  clearWork(): void {
    if (this.#hasWork) this.works.put(undefined);
    this.#hasWork = false;
  }

  hashes(): bigint {
    return this.total;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  find(work: ClientWork | undefined, nonce = 7): void {
    if (work === undefined) throw new Error('no work to find a share for');
    const share: ClientShare = {
      workId: work.workId,
      extranonce2: Buffer.alloc(work.extranonce2Size),
      nTime: work.nTime,
      nonce,
      version: work.version,
    };
    this.onShare(share);
  }
}
