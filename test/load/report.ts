/** What every measurement here prints: where its figures were taken, and these, as JSON. */
import { cpus, loadavg } from 'node:os';

export const printReport = (figures: object): void => {
  const [load1] = loadavg();
  // Not what this process may use: some pin themselves to one core.
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, load1 };
  console.log(JSON.stringify({ machine, ...figures }, undefined, 2));
};
