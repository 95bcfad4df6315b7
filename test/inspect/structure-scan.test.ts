/** The walk over a structure never takes it for smaller than the parser behind it does. */
import fc from 'fast-check';
import { MailParser } from 'mailparser';
import { InspectError } from '../../src/inspect/index.js';
import { scanStructure, type StructureLimits } from '../../src/inspect/structure-scan.js';
import { runs } from '../message/runs.js';

function codeOf(type: string, body: string, limits: StructureLimits): string | undefined {
  try {
    const scan = scanStructure(
      { types: [type], encodings: [] },
      Buffer.from(body.replace(/\r?\n/g, '\r\n'), 'latin1'),
      limits,
    );
    while (scan.next().done !== true);
    return undefined;
  } catch (error) {
    if (error instanceof InspectError) return error.code;
    throw error;
  }
}

/** The least limit that lets it pass. */
function measure(type: string, body: string, name: keyof StructureLimits): number {
  let limit = 1;
  while (codeOf(type, body, { maxNesting: 1000, maxParts: 1000, [name]: limit }) !== undefined) limit += 1;
  return limit;
}

const MIXED = 'multipart/mixed; boundary=b';

it.each<[fact: string, type: string, body: string, nesting: number, parts: number]>([
  ['text', 'text/plain', '--b\nText', 1, 1],
  ['two parts', MIXED, 'preamble\n--b\n\n1\n--b\n\n2\n--b--\nepilogue', 1, 3],
  ['parts with nothing in them', MIXED, '--b\n--b\n--b--', 1, 3],
  ['a boundary in quotes', 'multipart/mixed; x=y; BOUNDARY="a b"', '--a b\n\n1\n--a b--', 1, 2],
  ['a quoted pair in it', 'multipart/mixed; boundary="a\\"b"', '--a"b\n\n1', 1, 2],
  ['a boundary in two pieces', 'multipart/mixed; boundary*0=a; boundary*1=b', '--ab\n\n1', 1, 2],
  ['white space behind a boundary', MIXED, '--b \t\n\n1', 1, 2],
  ['a line that only begins like one', MIXED, '--bb\n\n1\n -b\n--', 1, 1],
  ['parts in a part', MIXED, '--b\nContent-Type: multipart/mixed;\n boundary=c\n\n--c\n\n1\n--c--\n--b--', 2, 3],
  [
    'parts beside each other, with one boundary',
    MIXED,
    '--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\n1\n--c--\n'.repeat(3),
    2,
    7,
  ],
  [
    'an attached message',
    MIXED,
    '--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/x; boundary=c\n\n--c\n\n1',
    3,
    4,
  ],
  [
    'an attached message that is encoded',
    MIXED,
    '--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\neA==',
    1,
    2,
  ],
  ['a message that is a message', 'message/rfc822', 'Content-Type: message/rfc822\n\nA: 1\n\n', 2, 3],
  ['a boundary that is declared again inside', MIXED, `--b\nContent-Type: ${MIXED}\n\n--b\n\n1`, 2, 3],
  [
    'a header block that a delimiter of other parts does not end for every reader',
    MIXED,
    `--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n1`,
    3,
    5,
  ],
  [
    'a header block that the end of other parts does not end for every reader',
    MIXED,
    `--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n--b--\nContent-Type: multipart/mixed; boundary=d\n\n--d\n\n1`,
    3,
    4,
  ],
  ['fields that look like members of any object', MIXED, '--b\nconstructor: 1\n__proto__: 2\n\n1', 1, 2],
])('%s', (_fact, type, body, nesting, parts) => {
  expect([measure(type, body, 'maxNesting'), measure(type, body, 'maxParts')]).toEqual([nesting, parts]);
});

it('stops now and then in a large body', () => {
  const body = Buffer.from(
    '--b\r\n\r\nx\r\n'.repeat(900) + 'line\r\n'.repeat(1_000_000) + '--b\r\n\r\nx\r\n'.repeat(9),
  );
  const scan = scanStructure({ types: [MIXED], encodings: [] }, body, { maxNesting: 1, maxParts: 1000 });
  expect(scan.next().done).toBe(false);
});

interface Node {
  readonly parent?: Node;
}

/** How many parts mailparser finds, and how deep the deepest lies. */
async function foundBy(raw: string): Promise<{ parts: number; nesting: number }> {
  const settings = { skipHtmlToText: true, skipTextToHtml: true, ignoreEmbedded: true, keepDeliveryStatus: true };
  const parser = new MailParser(settings);
  let parts = 0;
  let nesting = 0;
  const create = (parser as unknown as { createNode(node: unknown): Node }).createNode.bind(parser);
  Object.assign(parser, {
    createNode: (node: unknown) => {
      const created = create(node);
      parts += 1;
      let depth = 0;
      for (let parent = created.parent; parent !== undefined; parent = parent.parent) depth += 1;
      nesting = Math.max(nesting, depth);
      return created;
    },
  });
  parser.on(
    'data',
    (data: {
      type: string;
      release?: () => void;
      content?: { resume(): void; on(event: 'end', end: () => void): void };
    }) => {
      data.content?.on('end', () => data.release?.());
      data.content?.resume();
    },
  );
  await new Promise((resolve, reject) => {
    parser.on('end', resolve);
    parser.on('error', reject);
    parser.end(Buffer.from(raw, 'latin1'));
  });
  return { parts, nesting };
}

it('never sees fewer or shallower parts than mailparser', async () => {
  const line = fc.constantFrom(
    '',
    '',
    'text',
    '--b\nContent-Type: multipart/mixed; boundary=c\n',
    '--c\nContent-Type: multipart/mixed; boundary=d\n',
    '--d\nContent-Type: multipart/mixed; boundary=b\n',
    '--b',
    '--b--',
    '--b--\nContent-Type: multipart/mixed; boundary=d\n',
    '--c',
    '--c--',
    '--d',
    '--b ',
    'Content-Type: multipart/mixed; boundary=b',
    'Content-Type: multipart/mixed; boundary="c"',
    'Content-Type: multipart/mixed;\n boundary=d',
    'Content-Type: message/rfc822',
    'Content-Type: text/plain; boundary=c',
    'Content-Disposition: inline',
    ' folded',
  );
  let nested = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 5, maxLength: 40 }), async (lines) => {
      const body = lines.join('\n');
      const found = await foundBy(`Content-Type: ${MIXED}\r\n\r\n${body.replace(/\n/g, '\r\n')}`);
      if (found.nesting > 1) nested += 1;
      expect(measure(MIXED, body, 'maxNesting')).toBeGreaterThanOrEqual(found.nesting);
      expect(measure(MIXED, body, 'maxParts')).toBeGreaterThanOrEqual(found.parts);
    }),
    runs(500),
  );
  expect(nested).toBeGreaterThan(10);
});
