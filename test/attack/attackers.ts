/** The process of the attackers, as the one who gives the orders sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Fared } from './attack.ts';
import type { AttackOrder, AttackReport } from './attacker/process.ts';

export class Attackers implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<Attackers> {
    const child = fork(new URL('attacker/process.ts', import.meta.url), {
      // In the world they have machines of their own: what they take of this one is what pool and miners leave.
      execPath: 'nice',
      execArgv: ['-n', '19', process.execPath, '--no-warnings'],
    });
    await Attackers.#report(child);
    return new Attackers(child);
  }

  async attack(order: AttackOrder): Promise<Fared> {
    this.#child.send(order);
    const report = await Attackers.#report(this.#child);
    if (report.kind === 'fared') return report.fared;
    throw new Error(`the attackers failed: ${report.kind === 'failed' ? report.error : report.kind}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#child.connected) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  static async #report(child: ChildProcess): Promise<AttackReport> {
    const ended = once(child, 'exit').then(() => {
      throw new Error('the attackers have ended');
    });
    const [report] = (await Promise.race([once(child, 'message'), ended])) as [AttackReport];
    ended.catch(() => undefined);
    return report;
  }
}
