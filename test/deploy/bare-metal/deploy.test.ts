import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  REPOSITORY,
  type Scratch,
  type ServerProcess,
  describeWith,
  freePort,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { Machine, canIsolate } from './machine.ts';
import { type Variant, VERSION, archiveOf, buildRelease, deriveRelease } from './releases.ts';

import.meta.jest.setTimeout(240_000);

const SCRIPT = join(REPOSITORY, 'deploy/production-deploy.sh');
const NEXT = '98.0.0';
const BROKEN = '99.0.0';
const BROKEN_RELEASE = {
  version: BROKEN,
  files: {
    'apps/stratum-gateway/dist/stratum-gateway.cjs':
      'if (!process.argv.includes("--check")) process.exit(1);\n',
  },
};
const SERVICES = ['share-validator@1', 'stratum-gateway@1', 'stratum-gateway@2', 'api-gateway'];
const UNITS = SERVICES.map((service) => `otedama-${service}`);
const SPOOL = '/var/lib/otedama/share-validator-1/spool';

let work: Scratch;
let built: string;

beforeAll(() => {
  work = scratchDirectory('bare-release');
  built = buildRelease(work.path);
});
afterAll(() => work.remove());

/** A machine with these releases at hand. */
const machineWith = async (...releases: readonly Variant[]): Promise<Machine> => {
  const machine = new Machine();
  await machine.start();
  copyFileSync(process.execPath, join(machine.srv, 'node'));
  chmodSync(join(machine.srv, 'node'), 0o755);
  for (const release of releases) deriveRelease(machine.srv, built, release);
  return machine;
};

const isolated = canIsolate() === undefined ? undefined : natsServerProgram();

/** One machine and its story, each test a chapter: as an operator would live it. */
describeWith('root and nats-server', isolated)('the deployment of a machine that runs', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  let machine: Machine;

  const deploy = (args: string) => machine.run(`sh ${SCRIPT} ${args}`);
  const release = (version: string): string => `/srv/${archiveOf(version)}`;
  /** Unit -> release and process. */
  const running = (): Record<string, string> =>
    Object.fromEntries(
      UNITS.map((unit) => [
        unit,
        machine.ask(
          `basename $(readlink /opt/otedama/active/${unit}); systemctl show --property=MainPID --value ${unit}`,
        ),
      ]),
    );
  const versions = (): string[] => Object.values(running()).map((text) => text.split('\n')[0] ?? '');
  /** Everything that an installation could touch: names, sizes, times, targets. */
  const traces = (): string =>
    machine.ask(
      `find /opt /etc /usr/local -printf '%p %y %s %T@ %l\\n' | sort | sha256sum; cat /run/systemctl.log 2>/dev/null || :`,
    );
  const keys = (): string =>
    machine.ask(`find /etc/otedama -type f -printf '%p %m %U %G %T@ ' -exec sha256sum {} \\; | sort`);
  const asked = (): string[] => machine.ask('cat /run/systemctl.log; : >/run/systemctl.log').split('\n');

  beforeAll(async () => {
    scratch = scratchDirectory('bare-nats');
    nats = await startNats({ dir: scratch.path });
    machine = await machineWith({ version: VERSION }, { version: NEXT }, BROKEN_RELEASE);
    machine.write(
      '/etc/otedama/otedama.yaml',
      `nats: {servers: '${nats.url}'}
pools:
  - id: btc
    coin: bitcoin
    network: regtest
    payout_address: bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080
    stratum: {address: '127.0.0.1:${await freePort()}'}
    daemons: [{url: 'http://127.0.0.1:9', user: rpc, password_file: keys/daemon}]
api: {address: '127.0.0.1:${await freePort()}'}
`,
    );
    machine.write('/etc/otedama/keys/daemon', 'secret\n');
    for (const unit of UNITS) {
      const address = `127.0.0.1:${await freePort()}`;
      machine.write(
        `/etc/otedama/${unit}.env`,
        `OTEDAMA_MONITORING_METRICS_ADDRESS=${address}\nOTEDAMA_MONITORING_HEALTH_ADDRESS=${address}\n`,
      );
    }
  });
  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
    scratch.remove();
  });

  const first = `${release(VERSION)} --streams ${SERVICES.map((service) => `--service ${service}`).join(' ')}`;

  it('says in a dry run what it would do, and does none of it', () => {
    const before = traces();
    const { status, output } = deploy(`${first} --dry-run`);
    expect(output).toContain(`would unpack /opt/otedama/releases/${VERSION}`);
    for (const unit of UNITS) expect(output).toContain(`would start ${unit}`);
    expect({ status, after: traces() }).toEqual({ status: 0, after: before });
    expect(machine.ask('ls /tmp')).toBe('');
  });

  it('starts nothing where a service may not read its own secret', () => {
    machine.ask('chmod 0600 /etc/otedama/keys/daemon');
    const { status, output } = deploy(first);
    expect(output).toContain('no permission to read it');
    expect(output).toContain('otedama-share-validator@1 could not start');
    expect(status).toBe(1);
    expect(machine.ask('ls /opt/otedama/active 2>/dev/null | wc -l')).toBe('0');
    machine.ask(
      'chgrp otedama-share-validator /etc/otedama/keys/daemon; chmod 0640 /etc/otedama/keys/daemon',
    );
  });

  it('installs the first release and has every service ready, as a user of its own', () => {
    const before = keys();
    const { status, output } = deploy(first);
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining('done') });
    for (const unit of UNITS) {
      const pid = machine.ask(`systemctl show --property=MainPID --value ${unit}`);
      expect(machine.ask(`ps -o user:32= -p ${pid}`)).toBe(unit.replace(/@.*/, ''));
      expect(output).toContain(`${unit}: ${VERSION}, ready`);
    }
    expect(machine.ask('otedama version')).toBe(VERSION);
    expect(keys()).toBe(before);
  });

  it('changes nothing when it is run again', () => {
    const before = { traces: traces(), running: running() };
    const { status, output } = deploy(first.replace('--streams', ''));
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining('done') });
    expect({ traces: traces(), running: running() }).toEqual(before);
  });

  it('refuses an archive that is not whole, or that nobody vouches for', () => {
    machine.ask(`cp -r /srv/${NEXT} /srv/bad && echo x >>/srv/bad/$(basename ${release(NEXT)})`);
    const bad = `/srv/bad/$(basename ${release(NEXT)})`;
    expect(deploy(bad)).toMatchObject({
      status: 1,
      output: expect.stringContaining('is not what SHA256SUMS says'),
    });
    machine.ask('rm /srv/bad/SHA256SUMS');
    expect(deploy(bad)).toMatchObject({
      status: 1,
      output: expect.stringContaining('SHA256SUMS is missing'),
    });
    machine.ask('rm -r /srv/bad');
  });

  it('keeps a validator that still has found blocks in its spool, and all after it', () => {
    const before = running();
    machine.ask(`mkdir -p ${SPOOL}; touch ${SPOOL}/00ff.json`);
    const { status, output } = deploy(`${release(NEXT)} --wait 2`);
    expect(output).toContain(
      'otedama-share-validator@1 has 1 found blocks in its spool after 2 s, and runs on',
    );
    expect(status).toBe(1);
    expect(running()).toEqual(before);
    machine.ask(`rm ${SPOOL}/00ff.json`);
  });

  it('replaces one service after the other, each when the one before is ready', () => {
    asked();
    const before = keys();
    const { status, output } = deploy(release(NEXT));
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining('done') });
    expect(versions()).toEqual(UNITS.map(() => NEXT));
    expect(asked().filter((line) => /^(start|stop) /.test(line))).toEqual(
      UNITS.flatMap((unit) => [`stop ${unit}`, `start ${unit}`]),
    );
    expect(machine.ask('otedama version')).toBe(NEXT);
    expect(keys()).toBe(before);
  });

  it('goes back to the release before by one command', () => {
    expect(deploy('--rollback --dry-run')).toMatchObject({
      status: 0,
      output: expect.stringContaining(`${NEXT} -> ${VERSION}`),
    });
    expect(versions()).toEqual(UNITS.map(() => NEXT));
    expect(deploy('--rollback')).toMatchObject({ status: 0 });
    expect(versions()).toEqual(UNITS.map(() => VERSION));
    expect(machine.ask('otedama version')).toBe(VERSION);
    expect(deploy('--status').output.match(/ ready$/gm)).toHaveLength(UNITS.length);
  });

  it('stops at the first service that fails, gives it its release back, and leaves the rest', () => {
    const before = running();
    const { status, output } = deploy(`${release(BROKEN)} --wait 20`);
    expect(status).toBe(1);
    expect(output).toContain(`otedama-stratum-gateway@1 is back on ${VERSION} and ready`);
    const after = running();
    expect(versions()).toEqual([BROKEN, VERSION, VERSION, VERSION]);
    for (const untouched of UNITS.slice(2)) expect(after[untouched]).toBe(before[untouched]);
    expect(machine.ask('otedama version')).toBe(VERSION);

    expect(deploy('--rollback')).toMatchObject({ status: 0 });
    expect(versions()).toEqual(UNITS.map(() => VERSION));
    const now = running();
    for (const untouched of UNITS.slice(2)) expect(now[untouched]).toBe(before[untouched]);
  });

  it('refuses to begin where a service is not ready', async () => {
    await nats.stop();
    const before = running();
    const { status, output } = deploy(release(NEXT));
    expect(output).toMatch(/is not ready as it is \(.*nats/);
    expect(status).toBe(1);
    expect(running()).toEqual(before);
    await nats.start();
  });
});

describeWith('root', canIsolate())('the deployment of an image', () => {
  let machine: Machine;
  const deploy = (args: string) => machine.run(`sh ${SCRIPT} --root /srv/image ${args}`);
  const traces = (): string => machine.ask(`find /srv/image -printf '%p %y %s %T@ %l\\n' | sort | sha256sum`);
  const release = (version: string): string => `/srv/${archiveOf(version)}`;

  beforeAll(async () => {
    machine = await machineWith({ version: NEXT, schema: '9999-more' });
    mkdirSync(join(machine.srv, 'image'));
    mkdirSync(join(machine.srv, VERSION));
    for (const file of [basename(built), 'SHA256SUMS']) {
      copyFileSync(join(work.path, file), join(machine.srv, VERSION, file));
    }
    // `systemctl enable --root` is systemd's own.
    machine.ask('rm /srv/bin/systemctl');
  });
  afterAll(() => machine[Symbol.asyncDispose]());

  it('is a real one, complete and enabled, and the second changes nothing', () => {
    const args = `${release(VERSION)} --service pool-accounting --service stratum-gateway@1 --sysctl`;
    expect(deploy(args)).toMatchObject({ status: 0 });
    expect(machine.ask('ls /srv/image/etc/systemd/system/otedama.target.wants')).toBe(
      'otedama-pool-accounting.service\notedama-stratum-gateway@1.service',
    );
    expect(machine.ask('readlink /srv/image/opt/otedama/active/otedama-pool-accounting')).toBe(
      `../releases/${VERSION}`,
    );
    expect(machine.ask('cut -d: -f1 /srv/image/etc/passwd | grep -c ^otedama-')).toBe('5');
    expect(machine.ask('ls /srv/image/etc/sysctl.d')).toBe('60-otedama.conf');
    const before = traces();
    expect(deploy(args)).toMatchObject({ status: 0 });
    expect(traces()).toBe(before);
  });

  it('changes the database only when it is told that there is a backup, and not back', () => {
    const before = traces();
    expect(deploy(release(NEXT))).toMatchObject({
      status: 1,
      output: expect.stringContaining('add --migrate'),
    });
    expect(deploy(`${release(NEXT)} --migrate`)).toMatchObject({ status: 0 });
    expect(traces()).not.toBe(before);
    expect(deploy('--rollback')).toMatchObject({
      status: 1,
      output: expect.stringContaining('add --restored'),
    });
    expect(deploy('--rollback --restored')).toMatchObject({ status: 0 });
  });
});
