import { describe, expect, test } from 'vitest';
import { decodeAnswers, decodeCalls, encode, messageOf, OVERHEAD_BYTES, type Call } from './wire.js';

const envelope = { id: 'm-1', type: 'test.v1', key: 'k', headers: { tenant: 'acme' } };
const delivery: Call = {
  kind: 'delivery',
  sequence: 7,
  session: 's',
  destination: 'q',
  sends: 1,
  remainingMs: 100,
  envelope,
};

describe('wire', () => {
  test('brings head and body back, of several records in one frame too', () => {
    const records = [
      encode(delivery, Buffer.from('{"a":1}')),
      encode({ kind: 'hello' }),
      encode(delivery, Buffer.from('2')),
    ];
    const [first, second, third] = [...decodeCalls([Buffer.concat(records)])];
    expect(first?.head).toEqual(delivery);
    expect(messageOf(envelope, first?.body ?? Buffer.alloc(0), 100)).toEqual({ ...envelope, body: { a: 1 } });
    expect(second).toEqual({ head: { kind: 'hello' }, body: Buffer.alloc(0) });
    expect(third?.body.toString()).toBe('2');
  });

  test('gives what is right before it refuses what is wrong', () => {
    const records = decodeCalls([Buffer.concat([encode({ kind: 'hello' }), Buffer.from('HOV')])]);
    expect(records.next().value).toMatchObject({ head: { kind: 'hello' } });
    expect(() => records.next()).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  const frame = encode(delivery, Buffer.from('1'));
  const otherVersion = Buffer.from(frame);
  otherVersion[3] = 1;
  const headTooLong = Buffer.from(frame);
  headTooLong.writeUInt32BE(frame.length, 4);
  const headHuge = Buffer.concat([frame, Buffer.alloc(OVERHEAD_BYTES)]);
  headHuge.writeUInt32BE(OVERHEAD_BYTES, 4);
  const headBroken = Buffer.from(frame);
  headBroken.write('x', 12);
  test.each([
    ['no frame', []],
    ['two frames', [frame, frame]],
    ['an empty frame', [Buffer.alloc(0)]],
    ['another protocol', [Buffer.from('GET / HTTP/1.1')]],
    ['another version', [otherVersion]],
    ['a head beyond the end', [headTooLong]],
    ['a head beyond the limit', [headHuge]],
    ['a head that is no JSON', [headBroken]],
    ['an unknown kind', [encode({ kind: 'welcome', service: 's', incarnation: 'i', session: 'i/1' })]],
    ['a wrong field', [encode({ ...delivery, sequence: -1 })]],
    ['a message without a type', [encode({ ...delivery, envelope: { ...envelope, type: '' } })]],
  ])('refuses %s with a reason', (_, frames) => {
    expect(() => [...decodeCalls(frames)]).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  test('answers any damage with a reason or not at all', () => {
    for (let at = 0; at < frame.length; at++) {
      for (const damaged of [frame.subarray(0, at), Buffer.concat([frame.subarray(0, at), frame.subarray(at + 1)])]) {
        for (const decode of [decodeCalls, decodeAnswers]) {
          try {
            Array.from<unknown>(decode([damaged]));
          } catch (error) {
            expect(error).toMatchObject({ name: 'BusError', code: 'malformed' });
          }
        }
      }
    }
  });
});
