import { type AddressInfo, type Server, createServer } from 'node:net';
import { type Ear, type Script, type Step, play } from './conversation.ts';
import { type WireLine, choice } from './wire-line.ts';

let server: Server;

const inPieces = async (pieces: readonly string[], write: (piece: string) => void): Promise<void> => {
  for (const piece of pieces) {
    write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Answers each line with the next of these, whatever it says; in pieces where a bar stands. */
const poolThatSays = async (...answers: string[]): Promise<number> => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      const answer = answers.shift();
      if (answer === undefined) socket.end();
      else void inPieces(answer.split('|'), (piece) => socket.write(piece));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
};
afterEach(() => new Promise((resolve) => server.close(resolve)));

const ear: Ear = { topicOf: (line) => line[0] ?? '', isFree: (topic) => topic === '#' };
const name = choice('name', /[a-z]+/);
const say: Step = { kind: 'say', line: ['hello'] };
const hear = (...line: WireLine): Step => ({ kind: 'hear', line });
const script = (...steps: Step[]): Script => ({ id: 'some-vector', steps: [say, ...steps] });

describe('a conversation', () => {
  it('takes choices as they come, and holds the pool to them', async () => {
    const port = await poolThatSays('Hello joe\nBye joe\n');
    await play(script(hear('Hello ', name), hear('Bye ', name)), port, ear);
    server.close();
    const other = await poolThatSays('Hello joe\nBye jim\n');
    await expect(play(script(hear('Hello ', name), hear('Bye ', name)), other, ear)).rejects.toThrow(
      'some-vector: step 3 of 3: differs at byte 5\n' +
        '  expected: Bye joe\n' +
        '  heard:    Bye jim\n' +
        '                 ^',
    );
  });

  it('names the first byte that differs, also at the end of a line', async () => {
    const port = await poolThatSays('Hello\r\n');
    await expect(play(script(hear('Hello')), port, ear)).rejects.toThrow('differs at byte 5');
    server.close();
    const short = await poolThatSays('Hell\n');
    await expect(play(script(hear('Hello')), short, ear)).rejects.toThrow('differs at byte 4');
  });

  it('passes over what is free, and over nothing else', async () => {
    const port = await poolThatSays('#1\n#2\nHello\n#3\n');
    await play(script(hear('#2'), hear('Hello')), port, ear);
    server.close();
    const chatty = await poolThatSays('Hello\nWhat else\n');
    await expect(play(script(hear('Hello')), chatty, ear)).rejects.toThrow(
      'some-vector: nothing of it was asked for\n  heard:    What else',
    );
  });

  it('holds the pool to the order of what is not free', async () => {
    const port = await poolThatSays('Bye\nHello\n');
    await expect(play(script(hear('Hello'), hear('Bye')), port, ear)).rejects.toThrow(
      'some-vector: step 2 of 3: something else comes first\n  expected: Hello\n  heard:    Bye',
    );
  });

  it('says that the pool hung up, and what was still to come', async () => {
    const port = await poolThatSays();
    await expect(play(script(hear('Hello ', name)), port, ear)).rejects.toThrow(
      'some-vector: step 2 of 2: the pool hung up\n  expected: Hello <name>',
    );
  });

  it('can expect that the pool hangs up', async () => {
    const port = await poolThatSays();
    await play(script({ kind: 'hung-up' }), port, ear);
    server.close();
    const chatty = await poolThatSays('Hello\n');
    await expect(play(script({ kind: 'hung-up' }), chatty, ear)).rejects.toThrow(
      'nothing of it was asked for\n  heard:    Hello',
    );
  });

  it('reads lines that come in pieces', async () => {
    const port = await poolThatSays('Hel|lo\nAga|in\n');
    await play(script(hear('Hello'), hear('Again')), port, ear);
  });

  it('can only say what it knows', async () => {
    const port = await poolThatSays();
    await expect(play({ id: 'v', steps: [{ kind: 'say', line: [name] }] }, port, ear)).rejects.toThrow(
      'v: step 1 of 1: nothing was chosen for <name> so far',
    );
  });
});
