import type { Subscription, TemplateBus, TemplateUpdate } from '@otedama/contracts';

export class MemoryTemplateBus implements TemplateBus {
  readonly published: TemplateUpdate[] = [];

  publish(_subject: string, update: TemplateUpdate): void {
    this.published.push(update);
  }

  subscribe(): Subscription {
    return { unsubscribe: () => undefined };
  }
}
