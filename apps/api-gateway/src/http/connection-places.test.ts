import { EventEmitter } from 'node:events';

import { ConnectionPlaces, type Seated } from './connection-places.ts';

class FakeSocket extends EventEmitter implements Seated {
  readonly remoteAddress: string;
  isOpen = true;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.isOpen = false;
    queueMicrotask(() => this.emit('close'));
  }
}

const room = (places: number, isShared: (address: string) => boolean = () => false) => {
  const shed: string[] = [];
  const all = new ConnectionPlaces({ places, isShared, onShed: () => shed.push('one') });
  const enter = (address: string): FakeSocket => {
    const socket = new FakeSocket(address);
    all.enter(socket);
    return socket;
  };
  return { all, enter, shed };
};

it('gives one address all places for as long as nobody else wants one', () => {
  const { all, enter, shed } = room(3);
  const sockets = ['10.0.0.1', '10.0.0.1', '10.0.0.1'].map(enter);
  expect(sockets.every(({ isOpen }) => isOpen)).toBe(true);
  expect([all.taken, shed.length]).toEqual([3, 0]);
});

it('takes the oldest connection of who holds most for who comes then', () => {
  const { all, enter, shed } = room(4);
  const crowd = ['10.0.0.1', '10.0.0.1', '10.0.0.1'].map(enter);
  const [other, newcomer] = [enter('10.0.0.2'), enter('10.0.0.3')];
  expect(crowd.map(({ isOpen }) => isOpen)).toEqual([false, true, true]);
  expect([other.isOpen, newcomer.isOpen, all.taken, shed.length]).toEqual([true, true, 4, 1]);
});

it('lets an address that holds most replace its own', () => {
  const { enter } = room(2);
  const [first, second, third] = ['10.0.0.1', '10.0.0.1', '10.0.0.1'].map(enter);
  expect([first?.isOpen, second?.isOpen, third?.isOpen]).toEqual([false, true, true]);
});

it('turns a newcomer away where everybody has as few', () => {
  const { all, enter } = room(2);
  const settled = ['10.0.0.1', '10.0.0.2'].map(enter);
  expect(enter('10.0.0.3').isOpen).toBe(false);
  expect(settled.every(({ isOpen }) => isOpen)).toBe(true);
  expect(all.taken).toBe(2);
});

it('counts the addresses of one IPv6 network as one', () => {
  const { enter } = room(2);
  const first = enter('2001:db8::1');
  enter('2001:db8::2');
  expect(enter('2001:db8:0:1::1').isOpen).toBe(true);
  expect(first.isOpen).toBe(false);
});

it('neither counts nor sheds those of a proxy', () => {
  const { all, enter } = room(1, (address) => address === '10.0.0.9');
  const shared = ['10.0.0.9', '10.0.0.9'].map(enter);
  enter('10.0.0.1');
  enter('10.0.0.2');
  expect(shared.every(({ isOpen }) => isOpen)).toBe(true);
  expect(all.taken).toBe(1);
});

it('has nothing left when all have gone, in whatever order', async () => {
  const { all, enter } = room(50);
  const sockets = Array.from({ length: 200 }, (_, at) => enter(`10.0.0.${(at * at) % 7}`));
  expect(all.taken).toBe(50);
  for (const socket of sockets.toReversed()) socket.destroy();
  await Promise.resolve();
  expect(all.taken).toBe(0);
  expect(enter('10.0.0.1').isOpen).toBe(true);
});
