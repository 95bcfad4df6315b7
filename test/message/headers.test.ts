import { parseHeaderBlock } from '../../src/message/header-block.js';
import { HeaderList } from '../../src/message/headers.js';
import { failure } from './failure.js';

function headersOf(text: string, encoding: BufferEncoding = 'utf8'): HeaderList {
  return new HeaderList(parseHeaderBlock(Buffer.from(text, encoding)).spans);
}

function octetsOf(headers: HeaderList): string {
  return headers.spans.map(({ octets, start, end }) => octets.toString('utf8', start, end)).join('');
}

describe('reading', () => {
  it('finds names without case, and keeps duplicates in order', () => {
    const headers = headersOf('Received: 1\r\nTO: a\r\nreceived: 2\r\n\r\n');
    expect(headers.get('to')).toBe('a');
    expect(headers.getAll('RECEIVED')).toEqual(['1', '2']);
    expect(headers.has('Received')).toBe(true);
    expect([...headers]).toEqual([
      ['Received', '1'],
      ['TO', 'a'],
      ['received', '2'],
    ]);
  });

  it('finds nothing where nothing is', () => {
    const headers = headersOf('A: 1\r\nno field\r\n\r\n');
    expect(headers.get('B')).toBeUndefined();
    expect(headers.getAll('B')).toEqual([]);
    expect(headers.has('B')).toBe(false);
    expect(headers.has('')).toBe(false);
    expect(headers.get('')).toBeUndefined();
    expect([...headers]).toEqual([['A', '1']]);
  });

  it.each([
    ['A:1', '1'],
    ['A: \t 1 2 \t\r\n', '1 2'],
    ['A:\r\n 1\r\n\t2\r\n', '1\t2'],
    ['A: 1\n  2\r 3', '1  2 3'],
    ['A:', ''],
    ['A: \r\n \r\n', ''],
    ['A : =?utf-8?Q?=C3=A9?=\r\n', '=?utf-8?Q?=C3=A9?='],
  ])('%j has the value %j', (text, value) => {
    expect(headersOf(text).get('A')).toBe(value);
  });

  it('a value is UTF-8 if it can be, else Latin-1, each field for itself', () => {
    const headers = new HeaderList(
      parseHeaderBlock(Buffer.concat([Buffer.from('A: Grüße\n'), Buffer.from('B: Grüße\n', 'latin1')])).spans,
    );
    expect(headers.get('A')).toBe('Grüße');
    expect(headers.get('B')).toBe('Grüße');
  });
});

describe('editing', () => {
  const original = 'A: 1\r\nB: 2\n 3\nno field\r\nA: 4\r\n';

  it('append puts a field behind the last one', () => {
    const headers = headersOf(original);
    headers.append('C', 'new');
    expect(octetsOf(headers)).toBe(`${original}C: new\r\n`);
  });

  it('prepend puts a field in front of the first one', () => {
    const headers = headersOf(original);
    headers.prepend('C', 'new');
    expect(octetsOf(headers)).toBe(`C: new\r\n${original}`);
  });

  it('set replaces the first and deletes the others', () => {
    const headers = headersOf(original);
    headers.set('a', 'new');
    expect(octetsOf(headers)).toBe('a: new\r\nB: 2\n 3\nno field\r\n');
  });

  it('set appends what is not there', () => {
    const headers = headersOf(original);
    headers.set('C', 'new');
    expect(octetsOf(headers)).toBe(`${original}C: new\r\n`);
  });

  it('delete removes all and counts them', () => {
    const headers = headersOf(original);
    expect(headers.delete('a')).toBe(2);
    expect(headers.delete('a')).toBe(0);
    expect(headers.delete('')).toBe(0);
    expect(octetsOf(headers)).toBe('B: 2\n 3\nno field\r\n');
  });

  it('an iteration that has begun is not disturbed by edits', () => {
    const headers = headersOf('A: 1\nB: 2\n');
    const seen: string[] = [];
    for (const [name] of headers) {
      headers.delete(name);
      seen.push(name);
    }
    expect(seen).toEqual(['A', 'B']);
    expect([...headers]).toEqual([]);
  });

  it('nothing may stand in front of a continuation line', () => {
    const headers = headersOf(' continues\r\nA: 1\r\n\r\n');
    expect(() => {
      headers.prepend('B', '2');
    }).toThrow(failure({ code: 'ERR_MALFORMED_HEADER' }));
    headers.append('B', '2');
    expect(headers.get('B')).toBe('2');
  });

  it.each(['', ' ', 'A B', 'A:', 'Ä', 'A\r\nB', 'A\0'])('refuses the name %j', (name) => {
    const headers = headersOf(original);
    for (const edit of ['append', 'prepend', 'set'] as const) {
      expect(() => {
        headers[edit](name, 'value');
      }).toThrow(failure({ code: 'ERR_INVALID_HEADER_NAME' }));
    }
    expect(octetsOf(headers)).toBe(original);
  });

  it.each(['a\r\nBcc: v@x', 'a\rb', 'a\nb', 'a\0b', 'a\r\n b', '\ud800'])('refuses the value %j', (value) => {
    const headers = headersOf(original);
    for (const edit of ['append', 'prepend', 'set'] as const) {
      expect(() => {
        headers[edit]('A', value);
      }).toThrow(failure({ code: 'ERR_INVALID_HEADER_VALUE', header: 'A' }));
    }
    expect(octetsOf(headers)).toBe(original);
  });

  it.each([undefined, null, 7, new Date(0)])('refuses %p for a name or a value', (given) => {
    const headers = headersOf(original);
    expect(() => {
      headers.append('A', given as unknown as string);
    }).toThrow(failure({ code: 'ERR_INVALID_HEADER_VALUE' }));
    expect(() => {
      headers.append(given as unknown as string, 'a');
    }).toThrow(failure({ code: 'ERR_INVALID_HEADER_NAME' }));
  });
});
