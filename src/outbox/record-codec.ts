/** Records as octets. One rule: what comes back is what was written, or it is said to be damaged; never something in between. */
import { createHash } from 'node:crypto';
import { damagedRecord } from './record.js';
import type { OutboxRecord } from './store.js';

/** In front of the JSON text: what it must hash to, so that a flipped bit is no other record. */
const CHECK_OCTETS = 16;

export type Decoded =
  | { readonly record: OutboxRecord; readonly damage?: undefined }
  /** `record`: what stands in its place. */
  | { readonly record: OutboxRecord; readonly damage: string };

export function encodeRecord(record: OutboxRecord): Buffer {
  const json = Buffer.from(JSON.stringify(record));
  return Buffer.concat([checkOf(json), json]);
}

export function decodeRecord(id: string, octets: Uint8Array): Decoded {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const json = buffer.subarray(CHECK_OCTETS);
  if (!checkOf(json).equals(buffer.subarray(0, CHECK_OCTETS))) return damaged(id, 'its record is not what was written');
  try {
    const record = JSON.parse(json.toString(), revive) as OutboxRecord;
    return record.id === id ? { record } : damaged(id, 'its record is that of another entry');
  } catch {
    return damaged(id, 'its record is no JSON');
  }
}

function damaged(id: string, damage: string): Decoded {
  return { record: damagedRecord(id, damage), damage };
}

function checkOf(json: Uint8Array): Buffer {
  return createHash('sha256').update(json).digest().subarray(0, CHECK_OCTETS);
}

/** JSON has no place for a key whose value is undefined, and a reply always has its `enhancedCode`. */
function revive(key: string, value: unknown): unknown {
  if (key !== 'reply' || typeof value !== 'object' || value === null || 'enhancedCode' in value) return value;
  return { ...value, enhancedCode: undefined };
}
