import fc from 'fast-check';
import { decodeRecord, encodeRecord } from '../../src/outbox/record-codec.js';
import { recordOf } from './records.js';

const reply = { code: 250, enhancedCode: undefined, lines: ['ok'], text: 'ok' };
const record = recordOf('1', {
  key: 'ü',
  recipients: [{ address: 'b@example.net', status: 'accepted', reply }],
  failure: { code: 'ERR_X', message: 'm', delivery: 'refused', reply: { ...reply, enhancedCode: '2.0.0' } },
  parameters: { mailOptions: ['RET=HDRS'], rcptOptions: { NOTIFY: 'NEVER' } },
});

describe('the octets of a record', () => {
  it('come back as the record', () => {
    expect(decodeRecord('1', encodeRecord(record))).toStrictEqual({ record });
  });

  it('come back from the middle of a larger buffer', () => {
    const octets = encodeRecord(record);
    const inside = Buffer.concat([Buffer.from('xyz'), octets, Buffer.from('xyz')]).subarray(3, 3 + octets.length);
    expect(decodeRecord('1', new Uint8Array(inside.buffer, inside.byteOffset, inside.length))).toStrictEqual({
      record,
    });
  });

  it('are damaged when any bit of them is another, and never another record', () => {
    const octets = encodeRecord(record);
    fc.assert(
      fc.property(fc.nat({ max: octets.length * 8 - 1 }), (bit) => {
        const bad = Buffer.from(octets);
        bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const decoded = decodeRecord('1', bad);
        expect(decoded.damage).toBeDefined();
        expect(decoded.record).toMatchObject({
          id: '1',
          state: 'quarantined',
          failure: { code: 'ERR_OUTBOX_CORRUPT' },
        });
      }),
    );
  });

  it('are damaged when they are cut, none, or anything at all', () => {
    const octets = encodeRecord(record);
    fc.assert(
      fc.property(fc.nat({ max: octets.length - 1 }), (length) => {
        expect(decodeRecord('1', octets.subarray(0, length)).damage).toBeDefined();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(decodeRecord('1', bytes).damage).toBeDefined();
      }),
    );
  });

  it('are damaged when they are those of another entry', () => {
    expect(decodeRecord('2', encodeRecord(record)).damage).toContain('another entry');
  });
});
