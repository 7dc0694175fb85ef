import fc from 'fast-check';
import { digestAuthorization, parseDigestChallenge } from './http-auth.ts';

// RFC 7616, section 3.9.1, the MD5 half of the example.
const RFC_CHALLENGE = [
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
];

describe('digest', () => {
  it('answers the example of RFC 7616', () => {
    const challenge = parseDigestChallenge(RFC_CHALLENGE);
    if (challenge === undefined) throw new Error('not understood');
    const value = digestAuthorization(
      challenge,
      { user: 'Mufasa', password: 'Circle of Life' },
      {
        method: 'GET',
        uri: '/dir/index.html',
        count: 1,
        clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      },
    );
    expect(value).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
    expect(value).toContain('nc=00000001, ');
    expect(value).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
  });

  it('takes the first of what monerod 0.18 asks', () => {
    const headers = [
      'Digest qop="auth",algorithm=MD5,realm="monero-rpc",nonce="zTPraSrDRiHK3oBxPUq16g==",stale=false',
      'Digest qop="auth",algorithm=MD5-sess,realm="monero-rpc",nonce="zTPraSrDRiHK3oBxPUq16g==",stale=false',
    ];
    const challenge = { realm: 'monero-rpc', nonce: 'zTPraSrDRiHK3oBxPUq16g==', opaque: undefined };
    expect(parseDigestChallenge(headers)).toEqual(challenge);
    expect(parseDigestChallenge([headers.join(', ')])).toEqual(challenge);
  });

  it('undoes quoting, and quotes anew', () => {
    const challenge = parseDigestChallenge(['digest qop=auth, realm="a\\"b\\\\c", nonce="n"']);
    expect(challenge?.realm).toBe('a"b\\c');
    if (challenge === undefined) return;
    const use = { method: 'POST', uri: '/', count: 17, clientNonce: 'c' };
    const value = digestAuthorization(challenge, { user: 'u"', password: '' }, use);
    expect(value).toContain('username="u\\"", realm="a\\"b\\\\c"');
    expect(value).toContain('nc=00000011');
  });

  it.each([
    [[]],
    [['Basic realm="x"']],
    [['Digest realm="x", nonce="n"']],
    [['Digest qop="auth-int", realm="x", nonce="n"']],
    [['Digest qop="auth", algorithm=MD5-sess, realm="x", nonce="n"']],
    [['Digest qop="auth", realm="x"']],
    [[`Digest qop="auth", realm="x", nonce="${'n'.repeat(2_000)}"`]],
  ])('does not answer %j', (headers: string[]) => {
    expect(parseDigestChallenge(headers)).toBeUndefined();
  });

  it('reads whatever a header holds without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }).map((text) => `Digest ${text}`)), (headers) => {
        parseDigestChallenge(headers);
      }),
      { seed: 7 },
    );
  });
});
