// `doctor` through the loader; what it says of which machine is tested in Rust.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const { cpuFeatures, doctor } = createRequire(import.meta.url)('../index.js');

test('examines this machine off the JavaScript thread', async () => {
  const findings = await doctor();
  const ids = findings.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ['cpu', 'msr', 'huge-pages-2m', 'huge-pages-1g', 'numa', 'gpu-nvidia', 'opencl', 'clock'])
    assert.ok(ids.includes(id), id);
  for (const { title, state, cause, effect, remedy } of findings) {
    assert.ok(['ok', 'degraded', 'unavailable', 'unknown'].includes(state), state);
    assert.ok(title !== '' && cause.endsWith('.') && effect.endsWith('.'), cause);
    assert.ok(remedy.every((line) => typeof line === 'string' && line !== ''));
  }
});

test('tells the backends that the kernels would use', async () => {
  const [cpu] = await doctor();
  assert.equal(cpu.id, 'cpu');
  for (const [algorithm, backend] of Object.entries(cpuFeatures().selected))
    assert.ok(cpu.effect.includes(`${algorithm} ${backend}`), cpu.effect);
});
