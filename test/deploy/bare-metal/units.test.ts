import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, type Scratch, describeWith, findProgram, scratchDirectory } from '@otedama/test-harness';

const UNITS = join(REPOSITORY, 'deploy/systemd');
const SERVICES = ['stratum-gateway', 'share-validator', 'pool-accounting', 'api-gateway', 'miner-agent'];
/** As an operator names them: a template with an instance. */
const NAMES = [
  'otedama-stratum-gateway@1.service',
  'otedama-share-validator@1.service',
  'otedama-pool-accounting.service',
  'otedama-api-gateway.service',
  'otedama-miner-agent.service',
];
const MAX_EXPOSURE = 3;
const MIN_STOP_MARGIN_S = 5;

const textOf = (file: string): string => readFileSync(join(UNITS, file), 'utf8');
const common = textOf('otedama-.service.d/10-otedama.conf');
const unitFiles = readdirSync(UNITS).filter((file) => file.endsWith('.service'));
const valueIn = (text: string, key: string): string | undefined =>
  new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];

describe('the units of a bare machine', () => {
  it('are one for each service of a fleet', () => {
    expect(unitFiles.map((file) => /^otedama-(.*?)@?\.service$/.exec(file)?.[1]).sort()).toEqual(
      SERVICES.toSorted(),
    );
  });

  it('wait longer for a stop than the drain takes that they ask for', () => {
    const drainS = Number(/^Environment=OTEDAMA_SERVICE_DRAIN_TIME=(\d+)s$/m.exec(common)?.[1]);
    const stopS = Number(/^(\d+)s$/.exec(valueIn(common, 'TimeoutStopSec') ?? '')?.[1]);
    expect(stopS).toBeGreaterThanOrEqual(drainS + MIN_STOP_MARGIN_S);
  });

  it('leave to each unit what the common part would take back', () => {
    for (const file of unitFiles) {
      const ofUnit = [...textOf(file).matchAll(/^(\w+)=/gm)].map(([, key]) => key);
      const ofAll = new Set([...common.matchAll(/^(\w+)=/gm)].map(([, key]) => key));
      // systemd adds variables up.
      expect(ofUnit.filter((key) => key !== 'Environment' && ofAll.has(key ?? ''))).toEqual([]);
    }
  });

  it('run each service as a user that is made, with a folder and ports of its own', () => {
    const users = readFileSync(join(REPOSITORY, 'deploy/sysusers.d/otedama.conf'), 'utf8');
    expect(valueIn(common, 'User')).toBe('%p');
    const seen = new Set<string>();
    for (const service of SERVICES) {
      expect(users).toMatch(new RegExp(`^u otedama-${service} `, 'm'));
      const text = textOf(unitFiles.find((file) => file.startsWith(`otedama-${service}`)) ?? '');
      expect(text).toContain(`/apps/${service}/dist/${service}.cjs --config`);
      expect(text).toContain(`OTEDAMA_APP_DATA_DIR=%S/${valueIn(text, 'StateDirectory')}\n`);
      const port =
        /^Environment=OTEDAMA_MONITORING_HEALTH_ADDRESS=127\.0\.0\.1:(\S+)$/m.exec(text)?.[1] ?? '';
      expect(text).toContain(`OTEDAMA_MONITORING_METRICS_ADDRESS=127.0.0.1:${port}\n`);
      expect(seen.has(port)).toBe(false);
      seen.add(port);
    }
  });
});

describeWith('systemd-analyze', findProgram(['systemd-analyze']))('systemd itself', () => {
  let scratch: Scratch;

  /** A root with the units of Debian, ours, and something to start. */
  beforeAll(() => {
    scratch = scratchDirectory('units');
    const units = join(scratch.path, 'etc/systemd/system');
    cpSync('/lib/systemd/system', join(scratch.path, 'lib/systemd/system'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    cpSync(UNITS, units, { recursive: true });
    for (const name of NAMES) {
      const node = join(scratch.path, 'opt/otedama/active', name.replace('.service', ''), 'bin/node');
      mkdirSync(join(node, '..'), { recursive: true });
      writeFileSync(node, '');
      chmodSync(node, 0o755);
    }
  });
  afterAll(() => scratch.remove());

  const analyze = (...args: string[]): { status: number | null; output: string; stdout: string } => {
    const done = spawnSync('systemd-analyze', [`--root=${scratch.path}`, ...args], { encoding: 'utf8' });
    return { status: done.status, output: done.stdout + done.stderr, stdout: done.stdout };
  };

  it.each([...NAMES, 'otedama.target'])('finds nothing to say about %s', (name) => {
    expect(analyze('verify', '--man=no', name)).toMatchObject({ status: 0, output: '' });
  });

  it('would name a setting that it does not know', () => {
    const broken = join(scratch.path, 'etc/systemd/system/otedama-pool-accounting.service.d/90-broken.conf');
    mkdirSync(join(broken, '..'));
    writeFileSync(broken, '[Service]\nProtectEverything=yes\n');
    expect(analyze('verify', '--man=no', 'otedama-pool-accounting.service').output).toContain(
      'ProtectEverything',
    );
    writeFileSync(broken, '');
  });

  it.each(NAMES)('finds %s little exposed', (name) => {
    const { output } = analyze('security', '--offline=true', name);
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(output)?.[1]);
    expect(exposure).toBeGreaterThan(0);
    expect(exposure).toBeLessThan(MAX_EXPOSURE);
    // By the same measure systemd stops us where we would go below.
    expect(analyze('security', '--offline=true', `--threshold=${MAX_EXPOSURE * 10}`, name).status).toBe(0);
  });
});
