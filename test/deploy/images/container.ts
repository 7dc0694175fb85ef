/**
 * A process of an image as an engine would start it, made of what Linux has: a mount namespace in which the image is the
 * root, read-only, with the volumes and the tmpfs that docker/README.md names; the user of the image, no capabilities and
 * no way to get any. The network is that of this machine.
 */
import { spawnSync } from 'node:child_process';
import { TestProcess } from '@otedama/test-harness';
import { type ImageConfig, imageConfig } from './dockerfile.ts';

/** Arguments: the root, the folder for /var/lib/otedama, the folder for /etc/otedama, the user, the command. */
const ENTER = `
root=$1 state=$2 config=$3 user=$4
shift 4
mount --bind "$root" "$root"
mount --bind "$state" "$root/var/lib/otedama"
mount --bind "$config" "$root/etc/otedama"
mount -o remount,bind,ro "$root/etc/otedama"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid \\
  chroot --userspec="$user" --groups= "$root" "$@"
`;

export interface Container {
  readonly name: string;
  readonly root: string;
  readonly state: string;
  readonly config: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the image's default arguments. */
  readonly args?: readonly string[];
}

const environmentOf = ({ env }: ImageConfig, own: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries({ ...env, ...own }).map(([key, value]) => `${key}=${value}`);

/** A command of this machine that becomes the one that is given, in there. */
const enter = (container: Container, command: readonly string[]): [string, string[]] => {
  const image = imageConfig(container.name);
  const { root, state, config } = container;
  // Nothing of the environment of the test gets in.
  const clean = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', ...environmentOf(image, container.env)];
  const shell = ['sh', '-euc', ENTER, 'enter', root, state, config, image.user];
  return ['unshare', ['--mount', '--', ...clean, ...shell, ...command]];
};

/** Its entry point. Everything up to it is one process that becomes the next, so signals reach the program. */
export const entryOf = (container: Container): [string, string[]] => {
  const { entrypoint, command } = imageConfig(container.name);
  return enter(container, [...entrypoint, ...(container.args ?? command)]);
};

export const startContainer = (container: Container): TestProcess =>
  new TestProcess(container.name, ...entryOf(container));

/** Another program in the same place, to its end: the health check, a probe. */
export const runIn = (container: Container, command: readonly string[]) => {
  const done = spawnSync(...enter(container, command), { encoding: 'utf8' });
  return { code: done.status, output: done.stdout + done.stderr };
};

export const healthcheckOf = ({ name }: Container): readonly string[] => imageConfig(name).healthcheck;

/** Whether this machine lets us; a place in the file system stands for yes, as `describeWith` wants it. */
export const mayEnter = (): string | undefined =>
  spawnSync('unshare', ['--mount', 'true']).status === 0 && process.getuid?.() === 0
    ? '/proc/self/ns/mnt'
    : undefined;
