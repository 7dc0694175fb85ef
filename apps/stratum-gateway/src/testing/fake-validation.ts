/** A validator whose verdicts and whose delays belong to the test; it remembers every batch it was sent. */
import {
  HEADER_BYTES,
  type MinersTemplate,
  RECORD_BYTES,
  ShareBatchView,
  type ShareRecord,
  type ShareValidation,
  type TemplateVerdict,
  Verdict,
} from '@otedama/contracts';

/** Offset within a record, as libs/contracts documents it. */
const VERDICT = 7;

export class FakeValidation implements ShareValidation {
  /** As they came, retries included. */
  readonly calls: ShareBatchView[] = [];
  judge: (share: ShareRecord) => number = () => Verdict.accepted;
  /** What a batch has to pass before it is answered: may hold it, fail, or never end. */
  beforeAnswer: (batch: ShareBatchView) => Promise<void> = () => Promise.resolve();
  answer: (judged: Buffer) => Buffer = (judged) => judged;
  readonly templates: MinersTemplate[] = [];
  judgeTemplate: (template: MinersTemplate) => Promise<TemplateVerdict> = () => Promise.resolve({ ok: true });
  rawTransactions: () => Promise<readonly string[]> = () => Promise.resolve([]);

  async submit(batch: Buffer): Promise<Buffer> {
    const judged = Buffer.from(batch);
    const view = new ShareBatchView(judged);
    this.calls.push(view);
    await this.beforeAnswer(view);
    for (let index = 0; index < view.count; index++) {
      judged[HEADER_BYTES + index * RECORD_BYTES + VERDICT] = this.judge(view.record(index));
    }
    return this.answer(judged);
  }

  transactions(): Promise<readonly string[]> {
    return this.rawTransactions();
  }

  async adopt(template: MinersTemplate): Promise<TemplateVerdict> {
    this.templates.push(template);
    return this.judgeTemplate(template);
  }

  get sharesSeen(): number {
    return this.calls.reduce((sum, { count }) => sum + count, 0);
  }

  get batchIds(): string[] {
    return this.calls.map(({ batchId }) => batchId.toString('hex'));
  }

  /** Keeps every batch from now on until it is let go, in whatever order the test likes. */
  hold(): Held {
    const held = new Held();
    this.beforeAnswer = () => held.wait();
    return held;
  }
}

export class Held {
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #open = false;

  get size(): number {
    return this.#waiting.length;
  }

  wait(): Promise<void> {
    if (this.#open) return Promise.resolve();
    const one = Promise.withResolvers<void>();
    this.#waiting.push(one);
    return one.promise;
  }

  /** Counted from the oldest that still waits. */
  release(at: number): void {
    this.#waiting.splice(at, 1)[0]?.resolve();
  }

  releaseAll(): void {
    this.#open = true;
    for (const one of this.#waiting.splice(0)) one.resolve();
  }
}
