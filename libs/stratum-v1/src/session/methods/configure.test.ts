import { vectors } from '../../testing/vectors.ts';
import { errorOf, offer, startDriver } from '../session.fixture.ts';

describe('version rolling', () => {
  it.each(
    vectors<{ request: { params: unknown[] }; response: { result: object }; server_mask: string }>(
      'negotiation',
    ),
  )('answers $id as BIP310 does', ({ request, response, server_mask: mask }) => {
    const driver = startDriver({}, { versionMask: Number.parseInt(mask, 16) });
    const [reply] = driver.call(1, 'mining.configure', request.params);
    expect(reply?.result).toEqual(response.result);
  });

  it.each(['request-min-bit-count-string', 'request-min-bit-count-number', 'request-no-min-bit-count'])(
    'accepts %s',
    (id) => {
      const line = vectors<{ line: string }>('request').find((request) => request.id === id)?.line ?? '';
      expect(startDriver().line(line)[0]?.result).toMatchObject({
        'version-rolling': true,
        'version-rolling.mask': '1fffe000',
      });
    },
  );

  it('takes version bits inside the mask of the job, and none outside', () => {
    const driver = startDriver();
    driver.call(0, 'mining.configure', [['version-rolling'], { 'version-rolling.mask': '00ffe000' }]);
    driver.ready();
    expect(errorOf(driver.submit(1, { bits: '01000000' }))).toBe(20);
    driver.submit(2, { bits: '00ffe000' });
    expect(driver.of('submit')[0]?.share.version).toBe(0x20ffe000);
  });

  it('lets a wider mask hold for jobs that are out, and a narrower one take nothing from them', () => {
    const driver = startDriver();
    driver.ready();
    expect(errorOf(driver.submit(1, { bits: '00002000' }))).toBe(20);
    driver.call(2, 'mining.configure', [['version-rolling'], {}]);
    expect(driver.submit(3, { bits: '00002000' })).toEqual([]);
    driver.judge();
    driver.call(4, 'mining.configure', [['version-rolling'], { 'version-rolling.mask': '00004000' }]);
    expect(driver.submit(5, { bits: '00006000' })).toEqual([]);
    driver.judge();
    offer(driver, { jobKey: 0x1b });
    expect(errorOf(driver.submit(6, { bits: '00002000' }))).toBe(20);
  });

  it('follows a template that lets fewer bits roll', () => {
    const driver = startDriver();
    driver.call(0, 'mining.configure', [['version-rolling'], {}]);
    driver.ready();
    const sent = offer(driver, { jobKey: 0x1b, versionMask: 0x3000 });
    expect(sent[0]).toEqual({ id: null, method: 'mining.set_version_mask', params: ['00003000'] });
    expect(errorOf(driver.submit(1, { bits: '00004000' }))).toBe(20);
  });

  it('says false where nothing can be rolled and for what it does not know, a text for what is wrong', () => {
    const driver = startDriver({}, { versionMask: 0 });
    const extensions = ['version-rolling', 'warp', 'info', 'subscribe-extranonce', 'minimum-difficulty'];
    const [reply] = driver.call(1, 'mining.configure', [
      extensions,
      { 'minimum-difficulty.value': 'much', 'info.sw-version': 'fw 1' },
    ]);
    expect(reply?.result).toEqual({
      'version-rolling': false,
      warp: false,
      info: true,
      'subscribe-extranonce': true,
      'minimum-difficulty': 'minimum-difficulty.value must be a number',
    });
    expect([driver.session.takesExtranonce, driver.session.agent]).toEqual([true, 'fw 1']);
  });
});
