import 'reflect-metadata';
import { runService } from '@otedama/service-host';
import { startValidatorService } from './service.ts';

runService({ name: 'share-validator', start: (host) => startValidatorService(host) });
