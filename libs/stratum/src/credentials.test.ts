import { parseLogin, parsePassword } from './credentials.ts';

describe('parseLogin', () => {
  it.each([
    ['addr', 'addr', 'default'],
    ['addr.rig1', 'addr', 'rig1'],
    ['addr/rig1', 'addr', 'rig1'],
    ['addr_rig1', 'addr', 'rig1'],
    ['addr.a.b_c', 'addr', 'a.b_c'],
    [' addr.rig 1 ', 'addr', 'rig 1'],
    ['addr.', 'addr', 'default'],
  ])('reads %j', (user, address, worker) => {
    expect(parseLogin(user)).toEqual({ ok: true, login: { address, worker } });
  });

  it.each([
    ['', 'address-invalid'],
    ['.rig', 'address-invalid'],
    [`addr.${'w'.repeat(65)}`, 'worker-name-invalid'],
    ['addr.rig\u0007', 'worker-name-invalid'],
    ['addr.ʛ', 'worker-name-invalid'],
    ['a'.repeat(193), 'worker-name-invalid'],
  ])('refuses %j', (user, fault) => {
    expect(parseLogin(user)).toEqual({ ok: false, fault });
  });
});

describe('parsePassword', () => {
  it.each([
    ['x', {}],
    ['', {}],
    ['d=1024', { fixed: 1024 }],
    ['D=0.5;md=8', { fixed: 0.5, minimum: 8 }],
    ['x,sd=512,foo=1', { start: 512 }],
    ['d=-1 sd=0 md=NaN diff=1e999', {}],
    ['x,mp=0.05', { minimumPayout: '0.05' }],
    ['MP=2 d=8', { minimumPayout: '2', fixed: 8 }],
    ['mp=1e3 mp=-1 mp=.5 mp=', {}],
    ['d=', {}],
    ['d'.repeat(300), {}],
  ])('reads the options of %j', (password, options) => {
    expect(parsePassword(password)).toEqual(options);
  });
});
