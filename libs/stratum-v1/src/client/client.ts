export { stratumV1Client } from './step.ts';
