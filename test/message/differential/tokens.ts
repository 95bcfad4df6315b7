/**
 * Address fields cut into lexical tokens (RFC 5322 section 3.2) by regular expressions: written without a look at the parser,
 * so that a mistake of one is not a mistake of both.
 */
export interface Token {
  readonly kind: 'white' | 'comment' | 'quoted' | 'literal' | 'atom' | 'special';
  readonly text: string;
}

/* eslint-disable no-control-regex -- which controls may stand where is the subject */
/** A literal is taken without angle brackets, which RFC 5322 has in it: some servers would see the end of the path. */
const PATTERNS: readonly (readonly [kind: Token['kind'], pattern: RegExp])[] = [
  ['white', /(?:[ \t]|\r\n(?=[ \t]))+/y],
  ['quoted', /"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f]|\r\n(?=[ \t]))*"/y],
  ['literal', /\[(?:[ \t]|\r\n(?=[ \t]))*[!-;=?-Z^-~]+(?:[ \t]|\r\n(?=[ \t]))*\]/y],
  ['atom', /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]+/y],
  ['special', /[<>,;:@.]/y],
];
const COMMENT_PIECE = /[^()\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f]|\r\n(?=[ \t])|[()]/y;
/* eslint-enable no-control-regex */

/** The most comments inside each other. */
const MAX_DEPTH = 100;

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

function commentAt(text: string, start: number): string | undefined {
  if (text[start] !== '(') return undefined;
  let depth = 0;
  let position = start;
  do {
    const piece = matchAt(COMMENT_PIECE, text, position);
    if (piece === undefined) return undefined;
    depth += piece === '(' ? 1 : piece === ')' ? -1 : 0;
    if (depth > MAX_DEPTH) return undefined;
    position += piece.length;
  } while (depth > 0);
  return text.slice(start, position);
}

/** The tokens, which together are the text; undefined when a part of it is none. */
export function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let position = 0; position < text.length;) {
    const token = tokenAt(text, position);
    if (token === undefined) return undefined;
    tokens.push(token);
    position += token.text.length;
  }
  return tokens;
}

function tokenAt(text: string, position: number): Token | undefined {
  const comment = commentAt(text, position);
  if (comment !== undefined) return { kind: 'comment', text: comment };
  for (const [kind, pattern] of PATTERNS) {
    const found = matchAt(pattern, text, position);
    if (found !== undefined) return { kind, text: found };
  }
  return undefined;
}
