import { PassThrough } from 'node:stream';
import { readPassword } from './read-password.ts';

const terminal = () => {
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => raw.push(isRaw),
  });
  const output = new PassThrough();
  return { input, output, raw, shown: () => String(output.read() ?? '') };
};

it('takes the first line of what is piped in', async () => {
  const input = new PassThrough();
  input.end('nine lively cats\r\nmore\n');
  await expect(readPassword({ input, output: new PassThrough() })).resolves.toBe('nine lively cats');
});

it('asks twice at a terminal, shows nothing, and leaves the terminal as it was', async () => {
  const { input, output, raw, shown } = terminal();
  input.write('nine lively caty\u007Fs\r');
  const reading = readPassword({ input, output });
  input.write('nine lively');
  input.write(' cats\r');
  await expect(reading).resolves.toBe('nine lively cats');
  expect(shown()).toBe('Password: \nOnce more: \n');
  expect(raw.at(-1)).toBe(false);
  expect(raw.filter(Boolean)).toHaveLength(2);
});

it('changes nothing where the two differ, or somebody wants out', async () => {
  const differing = terminal();
  differing.input.write('one password\rone passwort\r');
  await expect(readPassword(differing)).rejects.toThrow('two different passwords');
  const interrupted = terminal();
  interrupted.input.write('one pass\u0003');
  await expect(readPassword(interrupted)).rejects.toThrow('nothing was changed');
  expect(interrupted.raw.at(-1)).toBe(false);
  const gone = terminal();
  gone.input.end('one pass');
  await expect(readPassword(gone)).rejects.toThrow('nothing was changed');
});
