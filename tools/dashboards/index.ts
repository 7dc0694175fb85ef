/** Every dashboard of ours, and the file of the chart that it is written to. */
import { ACCOUNTING } from './accounting.ts';
import { API } from './api.ts';
import { buildDashboard, type Dashboard } from './dashboard.ts';
import { MINING_DEVICES } from './devices.ts';
import { FLEET } from './fleet.ts';
import { GATEWAYS } from './gateways.ts';
import { SERVERS } from './servers.ts';
import { VALIDATORS } from './validators.ts';

export const DASHBOARDS: readonly Dashboard[] = [
  FLEET,
  GATEWAYS,
  VALIDATORS,
  ACCOUNTING,
  MINING_DEVICES,
  SERVERS,
  API,
];

export const fileOf = ({ uid }: Dashboard): string => `${uid.replace('otedama-', '')}.json`;

export const jsonOf = (dashboard: Dashboard): string =>
  `${JSON.stringify(buildDashboard(dashboard), undefined, 2)}\n`;
