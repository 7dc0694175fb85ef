// The Helm chart as an archive with the charts that it depends on, as `helm push` takes it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `subcharts` false: without them and so for external servers alone, where their registries cannot be reached. */
export const packChart = ({ root, out, scratch, version, subcharts }) => {
  const own = join(root, '.tools/bin/helm');
  const helm = existsSync(own) ? own : 'helm';
  const run = (...args) => execFileSync(helm, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const chart = join(scratch, 'chart');
  cpSync(join(root, 'helm/otedama'), chart, { recursive: true });
  if (subcharts) {
    run('dependency', 'update', chart);
  } else {
    rmSync(join(chart, 'charts'), { recursive: true, force: true });
    const file = join(chart, 'Chart.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^dependencies:\n(?: .*\n)*/m, ''));
  }
  run('package', chart, '--version', version, '--app-version', version, '--destination', out);
};
