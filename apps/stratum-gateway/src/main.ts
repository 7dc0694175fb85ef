import 'reflect-metadata';
import { runService } from '@otedama/service-host';
import { startGatewayService } from './service.ts';

runService({ name: 'stratum-gateway', start: startGatewayService });
