import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY, describeWith, findProgram } from '@otedama/test-harness';

const SCRIPTS = ['deploy/production-deploy.sh', 'deploy/bin/otedama', 'test/deploy/bare-metal/namespace.sh'];

describeWith('shellcheck', findProgram(['shellcheck']))('shellcheck', () => {
  it.each(SCRIPTS)('finds nothing to say about %s', (script) => {
    const { stdout, status } = spawnSync('shellcheck', [join(REPOSITORY, script)], { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });
});

describe('production-deploy.sh', () => {
  const run = (...args: string[]) =>
    spawnSync('sh', [join(REPOSITORY, 'deploy/production-deploy.sh'), ...args], { encoding: 'utf8' });

  it.each([[[]], [['--verbose']], [['--rollback', 'x.tar.gz']], [['a', 'b']], [['--keep', 'many', 'a']]])(
    'explains itself to %j',
    (args) => {
      expect(run(...args).status).toBe(2);
    },
  );

  it.each(['gateway', 'share-validator', 'share-validator@0', 'share-validator@12', 'pool-accounting@1'])(
    'knows no service %s',
    (service) => {
      expect(run('a.tar.gz', '--service', service)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(service),
      });
    },
  );
});
