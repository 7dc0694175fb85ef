import 'reflect-metadata';
import { runService } from '@otedama/service-host';
import { startAccountingService } from './service.ts';

runService({ name: 'pool-accounting', start: startAccountingService });
