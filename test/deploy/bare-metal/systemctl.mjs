#!/usr/bin/env node
// Stands in for systemctl where no systemd runs: starts the real programs as the installed units say (command, user,
// variables, folders), and stops them with SIGTERM and time to drain. It sandboxes nothing and starts nothing again; what it was
// asked is in LOG. Unlike systemd it reads a unit at its start, so a daemon-reload that is forgotten shows in LOG only.
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const UNITS = '/etc/systemd/system';
const STATE = '/run/units';
const LOG = '/run/systemctl.log';
const STOP_MS = 35_000;

const words = process.argv.slice(2);
const options = words.filter((word) => word.startsWith('-'));
const [verb, ...names] = words.filter((word) => !word.startsWith('-'));
const units = names.map((name) => name.replace(/\.service$/, ''));

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Name, prefix and instance are put in for their specifiers. */
const settingsOf = (unit) => {
  const [prefix, instance = ''] = unit.split('@');
  const file = `${UNITS}/${instance === '' ? prefix : `${prefix}@`}.service`;
  const specifiers = {
    N: unit,
    p: prefix,
    i: instance,
    l: hostname().split('.')[0],
    S: '/var/lib',
    C: '/var/cache',
  };
  const text = `${read(file)}\n${read(`${UNITS}/otedama-.service.d/10-otedama.conf`)}`;
  return text
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => line.replaceAll(/%(\w)/g, (_, letter) => specifiers[letter]))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
};

const valueOf = (settings, key) => settings.findLast(([name]) => name === key)?.[1];
const variablesIn = (settings) =>
  settings.filter(([name]) => name === 'Environment').map(([, value]) => value);

const fileVariables = (settings) =>
  read((valueOf(settings, 'EnvironmentFile') ?? '').replace(/^-/, ''))
    .split('\n')
    .filter((line) => /^\w+=/.test(line));

const pidOf = (unit) => Number(read(`${STATE}/${unit}`)) || 0;
/** A process that has ended and was not waited for does not run. */
const runs = (pid) =>
  pid > 0 && !['', 'Z'].includes((read(`/proc/${pid}/stat`).split(') ')[1] ?? '').slice(0, 1));

const start = (unit) => {
  if (runs(pidOf(unit))) return;
  const settings = settingsOf(unit);
  const user = valueOf(settings, 'User');
  for (const [key, base] of [
    ['StateDirectory', '/var/lib'],
    ['CacheDirectory', '/var/cache'],
  ]) {
    const folder = `${base}/${valueOf(settings, key)}`;
    mkdirSync(folder, { recursive: true });
    execFileSync('chown', ['-R', `${user}:${user}`, folder]);
    execFileSync('chmod', ['0700', folder]);
  }
  const env = Object.fromEntries(
    [...variablesIn(settings), ...fileVariables(settings)].map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  const command = valueOf(settings, 'ExecStart')
    .replaceAll(/\$\{(\w+)\}/g, (_, name) => env[name] ?? '')
    .split(' ');
  const groups = ['--reuid', user, '--regid', user, '--init-groups', '--no-new-privs', '--bounding-set=-all'];
  const log = openSync(`/run/${unit}.log`, 'a');
  const child = spawn('setpriv', [...groups, '--', ...command], {
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
  });
  child.unref();
  mkdirSync(STATE, { recursive: true });
  writeFileSync(`${STATE}/${unit}`, String(child.pid));
};

const stop = async (unit) => {
  const pid = pidOf(unit);
  if (runs(pid)) {
    process.kill(pid, 'SIGTERM');
    for (let waited = 0; runs(pid) && waited < STOP_MS; waited += 50) await delay(50);
    if (runs(pid)) process.kill(pid, 'SIGKILL');
  }
  rmSync(`${STATE}/${unit}`, { force: true });
};

const show = (unit) => {
  const property = options.find((option) => option.startsWith('--property='))?.slice('--property='.length);
  if (property === 'Environment') return variablesIn(settingsOf(unit)).join(' ');
  if (property === 'MainPID') return String(runs(pidOf(unit)) ? pidOf(unit) : 0);
  throw new Error(`show ${property} is not known here`);
};

const VERBS = {
  'daemon-reload': () => undefined,
  enable: () => undefined,
  start: async () => {
    for (const unit of units) start(unit);
  },
  stop: async () => {
    for (const unit of units) await stop(unit);
  },
  disable: async () => {
    if (options.includes('--now')) for (const unit of units) await stop(unit);
  },
  'is-active': () => {
    process.exitCode = runs(pidOf(units[0])) ? 0 : 3;
  },
  'is-failed': () => {
    process.exitCode = pidOf(units[0]) > 0 && !runs(pidOf(units[0])) ? 0 : 1;
  },
  show: () => console.log(show(units[0])),
};

if (!Object.hasOwn(VERBS, verb)) throw new Error(`systemctl ${words.join(' ')}: not known here`);
if (['start', 'stop', 'daemon-reload', 'enable', 'disable'].includes(verb))
  appendFileSync(LOG, `${words.join(' ')}\n`);
await VERBS[verb]();
