import { z } from 'zod';

import type { ResourceDocs } from '../docs/describe.ts';
import { noParamsSchema } from '../http/query-params.ts';
import type { SettingsController } from './settings.controller.ts';

/** By section of docs/configuration.md; what stands in one is the configuration's to say. */
const settingsSchema = z.record(z.string(), z.unknown());

export const settingsDocs: ResourceDocs<SettingsController> = {
  schemas: { Settings: settingsSchema },
  routes: {
    read: {
      tag: 'operation',
      summary: 'The configuration as it took effect, without its secrets.',
      params: noParamsSchema,
      reply: 'Settings',
      problems: [400, 429],
    },
  },
};
