/** The last value kept, as the contract promises; one process, no errors. */
import type { Subscription, TemplateBus, TemplateUpdate } from '@otedama/contracts';

export class MemoryTemplateBus implements TemplateBus {
  readonly #last = new Map<string, TemplateUpdate>();
  readonly #listeners = new Map<string, Set<(update: TemplateUpdate) => void>>();

  publish(subject: string, update: TemplateUpdate): void {
    this.#last.set(subject, update);
    for (const listener of this.#listenersOf(subject)) listener(update);
  }

  subscribe(subject: string, onEvent: (update: TemplateUpdate) => void): Subscription {
    const last = this.#last.get(subject);
    if (last !== undefined) onEvent(last);
    this.#listenersOf(subject).add(onEvent);
    return { unsubscribe: () => this.#listenersOf(subject).delete(onEvent) };
  }

  #listenersOf(subject: string): Set<(update: TemplateUpdate) => void> {
    const known = this.#listeners.get(subject);
    if (known !== undefined) return known;
    const fresh = new Set<(update: TemplateUpdate) => void>();
    this.#listeners.set(subject, fresh);
    return fresh;
  }
}
