import 'reflect-metadata';
import { runService } from '@otedama/service-host';
import { startMinerAgent } from './service.ts';

runService({ name: 'miner-agent', start: startMinerAgent });
