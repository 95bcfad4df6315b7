/**
 * What a stream of reply lines means, once more and by regular expressions over the whole text, so that the parser is not
 * checked against itself. The octets are read as Latin-1.
 */

export interface ReferenceReply {
  readonly code: number;
  readonly lines: readonly string[];
}

export interface Reading {
  readonly replies: readonly ReferenceReply[];
  /** A line that is no reply line, or one with another code than the line in front of it. */
  readonly broken: boolean;
  /** Something of a reply is there, but not all, and its end may still come. */
  readonly incomplete: boolean;
}

export function readReplies(octets: Uint8Array): Reading {
  const text = Buffer.from(octets).toString('latin1');
  const replies: ReferenceReply[] = [];
  let open: { code: number; lines: string[] } | undefined;
  let rest = text;
  for (let match = /^[^\n]*\n/.exec(rest); match !== null; match = /^[^\n]*\n/.exec(rest)) {
    rest = rest.slice(match[0].length);
    const parts = /^([2-5][0-9][0-9])(?:([ -])([^\n]*))?$/.exec(match[0].replace(/\r?\n$/, ''));
    const code = Number(parts?.[1]);
    if (parts === null || (open !== undefined && open.code !== code)) {
      return { replies, broken: true, incomplete: false };
    }
    open ??= { code, lines: [] };
    open.lines.push(parts[3] ?? '');
    if (parts[2] !== '-') {
      replies.push(open);
      open = undefined;
    }
  }
  return { replies, broken: false, incomplete: open !== undefined || rest !== '' };
}
