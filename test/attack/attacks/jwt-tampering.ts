import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { type Attack, type Scene, shareOf } from '../attack.ts';

type Json = Readonly<Record<string, unknown>>;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;

const { privateKey: foreignKey, publicKey: foreignPublic } = generateKeyPairSync('ed25519');
const foreignJwk = foreignPublic.export({ format: 'jwk' });

/** With a key of our own, and the head that is wanted. */
const forged = (head: Json, claims: Json): string => {
  const text = `${encode(head)}.${encode(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), foreignKey).toString('base64url')}`;
};

const hmac = (head: Json, claims: Json, secret: string): string => {
  const text = `${encode({ ...head, alg: 'HS256' })}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};

/** None of them may be anybody; made of a token that is right. */
const tampered = (token: string, otherTokens: readonly string[]): readonly string[] => {
  const [headPart = '', claimsPart = '', signature = ''] = token.split('.');
  const [head, claims] = [decode(headPart), decode(claimsPart)];
  const far = Math.floor(Date.now() / 1_000) + 86_400;
  const kid = String(head['kid']);
  return [
    // Without a signature, in every spelling.
    ...['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg) => [
      `${encode({ ...head, alg })}.${claimsPart}.`,
      `${encode({ ...head, alg })}.${claimsPart}.${signature}`,
    ]),
    `${headPart}.${claimsPart}.`,
    `${headPart}.${claimsPart}`,
    // Other claims under the signature that was right for the old ones.
    ...[
      { sub: '2' },
      { sub: '0' },
      { exp: far },
      { sid: '00000000-0000-4000-8000-000000000000' },
      { role: 'admin' },
      { aud: ['otedama'] },
    ].map((change) => `${headPart}.${encode({ ...claims, ...change })}.${signature}`),
    // A symmetric key that everybody may know, or that a key id leads to.
    ...['', '\0', kid, 'secret', JSON.stringify(foreignJwk)].map((secret) => hmac(head, claims, secret)),
    hmac({ ...head, kid: '../../../../dev/null' }, claims, ''),
    hmac({ ...head, kid: "x' UNION SELECT 'key" }, claims, 'key'),
    // Another key, which the token itself names or brings along.
    ...[
      {},
      { kid: undefined },
      { kid: '../../../../dev/null' },
      { kid: "' OR '1'='1" },
      { kid: ['x'] },
      { kid: { toString: 'x' } },
      { jwk: foreignJwk },
      { jku: 'http://127.0.0.1:9/keys' },
      { x5u: 'http://127.0.0.1:9/certificate' },
      { x5c: ['MIIB'] },
      { crit: ['exp'] },
      { crit: [] },
      { b64: false, crit: ['b64'] },
    ].map((change) => forged({ ...head, ...change }, claims)),
    forged(head, { ...claims, exp: far, nbf: 0 }),
    // Right, and not for this.
    ...otherTokens,
    // Not even tokens.
    `${token}.${signature}`,
    `${token}x`,
    token.slice(0, -2),
    token.split('').reverse().join(''),
    'a.b.c',
    '...',
    `${'A'.repeat(2_000)}.${claimsPart}.${signature}`,
    `${encode({ ...head, zip: 'DEF' })}.${claimsPart}.${signature}`,
  ];
};

/** Each for somebody only. */
const GUARDED: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/api/v1/users'],
  ['GET', '/api/v1/settings'],
  ['POST', '/api/mining/stop'],
];

const isSomebody = async (
  scene: Scene,
  method: string,
  path: string,
  headers: string[],
): Promise<boolean> => {
  const answer = await scene.ask({ method, path, headers });
  return answer !== undefined && answer.status < 400;
};

export const jwtTampering: Attack = {
  name: 'jwt-tampering',
  what: 'asks with tokens that were changed, signed by somebody else or by nobody, or made for another purpose',
  door: 'api',
  origin: 'many',
  attackers: 8,
  async script(scene) {
    const { accessToken, refreshToken, deviceToken } = scene.owner;
    if (
      scene.number === 0 &&
      !(await isSomebody(scene, 'GET', '/api/v1/users', [`Authorization: Bearer ${accessToken}`]))
    )
      scene.accuse('the token that is right is none');
    for (const token of shareOf(tampered(accessToken, [refreshToken, deviceToken]), scene)) {
      for (const [method, path] of GUARDED) {
        for (const header of [`Authorization: Bearer ${token}`, `Cookie: otedama_access=${token}`]) {
          if (await isSomebody(scene, method, path, [header, 'Sec-Fetch-Site: same-origin']))
            scene.accuse(`${method} ${path} was open to ${header.slice(0, 200)}`);
        }
      }
    }
    await scene.pause(250);
  },
  judge: ({ counts }) => (counts['HTTP 401'] === undefined ? ['nothing was refused'] : []),
};
