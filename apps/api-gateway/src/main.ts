import 'reflect-metadata';
import { runService } from '@otedama/service-host';
import { startApiService } from './service.ts';

runService({ name: 'api-gateway', hasOwnMonitoring: true, start: startApiService });
