/** Fuzzes the codec and session of one dialect: `node test/fuzz/run.ts --codec stratum-v1 --inputs 10000000 --seed 1`. */
import { main } from './src/command.ts';

process.exitCode = main(process.argv.slice(2));
