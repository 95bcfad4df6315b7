/**
 * The lexical tokens of addresses (RFC 5322 section 3.2, with the obsolete forms of section 4.1 and the UTF-8 of RFC 6532).
 * One rule: the cursor only moves forward, and what it has passed is never looked at again, so the time is linear.
 *
 * Controls are refused everywhere, though obs-NO-WS-CTL allowed them: nothing that follows could carry them.
 */
import { invalidAddress } from './address-fault.js';

/** The most comments inside each other. */
export const MAX_COMMENT_NESTING = 100;

export const END = -1;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN_PAREN = 0x28;
const CLOSE_PAREN = 0x29;
const DOT = 0x2e;
const OPEN_ANGLE = 0x3c;
const CLOSE_ANGLE = 0x3e;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const DELETE = 0x7f;

/** RFC 5322 section 3.2.3; RFC 6532 section 3.2 adds all that is not ASCII. */
const ATEXT = new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~") {
  ATEXT[character.charCodeAt(0)] = 1;
}

function isAtext(code: number): boolean {
  return code > DELETE || (code >= 0 && ATEXT[code] === 1);
}

/** Without the angle brackets of RFC 5322, which no literal in use has: to some servers one of them ends the path. */
function isDtext(code: number): boolean {
  if (code === OPEN_BRACKET || code === BACKSLASH || code === CLOSE_BRACKET) return false;
  return code > SPACE && code < DELETE && code !== OPEN_ANGLE && code !== CLOSE_ANGLE;
}

export interface Word {
  readonly kind: 'atom' | 'quoted-string' | 'dot';
  /** Without quotes and backslashes. */
  readonly value: string;
  readonly position: number;
  /** White space or a comment stands in front of it. */
  readonly spaced: boolean;
}

export interface FaultDetails {
  readonly position?: number;
  readonly hint?: string;
  readonly code?: string;
}

export interface ScannerOptions {
  readonly header?: string | undefined;
  /** White space, folds and comments are no part of the syntax, as in a command of SMTP. */
  readonly compact?: boolean;
}

export class AddressScanner {
  readonly #text: string;
  readonly #header: string | undefined;
  readonly #compact: boolean;
  #position = 0;

  constructor(text: string, options: ScannerOptions = {}) {
    this.#text = text;
    this.#header = options.header;
    this.#compact = options.compact ?? false;
  }

  /** In UTF-16 code units. */
  get position(): number {
    return this.#position;
  }

  /** The code unit under the cursor, or END. */
  peek(): number {
    return this.#position < this.#text.length ? this.#text.charCodeAt(this.#position) : END;
  }

  /** Moves behind `code` when it is under the cursor. */
  take(code: number): boolean {
    if (this.peek() !== code) return false;
    this.#position += 1;
    return true;
  }

  /** Atoms, quoted strings and dots up to another character, with what white space is behind them: a phrase or a local part. */
  words(): Word[] {
    const words: Word[] = [];
    let spaced = false;
    for (;;) {
      const position = this.#position;
      const code = this.peek();
      if (isAtext(code)) words.push({ kind: 'atom', value: this.atom(), position, spaced });
      else if (code === QUOTE) words.push({ kind: 'quoted-string', value: this.#quotedString(), position, spaced });
      else if (this.take(DOT)) words.push({ kind: 'dot', value: '.', position, spaced });
      else return words;
      spaced = this.skipCfws();
    }
  }

  /** The atom at the cursor; `''` when there is none. */
  atom(): string {
    const start = this.#position;
    while (isAtext(this.peek())) this.#position += 1;
    return this.#text.slice(start, this.#position);
  }

  #quotedString(): string {
    const opening = this.#position;
    this.#position += 1;
    let value = '';
    let runStart = this.#position;
    for (;;) {
      const code = this.peek();
      if (code === END) this.fail('the quoted string is not closed', { position: opening });
      if (code === QUOTE || code === BACKSLASH || code === CR) value += this.#text.slice(runStart, this.#position);
      if (this.take(QUOTE)) return value;
      if (code === BACKSLASH) {
        this.#position += 1;
        runStart = this.#position;
        this.#refuseControl();
        this.#position += 1;
      } else if (code === CR) {
        this.#skipFold();
        runStart = this.#position;
      } else {
        this.#refuseControl();
        this.#position += 1;
      }
    }
  }

  /**
   * The domain literal at the cursor, with its brackets. White space may stand at its edges only: between its characters it
   * would change the meaning or be lost.
   */
  domainLiteral(): string {
    const opening = this.#position;
    this.#position += 1;
    this.#skipWhiteSpace();
    const start = this.#position;
    while (isDtext(this.peek())) this.#position += 1;
    const content = this.#text.slice(start, this.#position);
    this.#skipWhiteSpace();
    if (this.peek() === END) this.fail('the domain literal is not closed', { position: opening });
    if (!this.take(CLOSE_BRACKET)) this.failHere();
    if (content === '') this.fail('the domain literal is empty', { position: opening });
    this.skipCfws();
    return `[${content}]`;
  }

  /** CFWS: white space, folds and comments. Returns whether there was any. */
  skipCfws(): boolean {
    if (this.#compact) return false;
    const start = this.#position;
    this.#skipWhiteSpace();
    while (this.peek() === OPEN_PAREN) {
      this.#skipComment();
      this.#skipWhiteSpace();
    }
    return this.#position > start;
  }

  #skipWhiteSpace(): void {
    if (this.#compact) return;
    for (;;) {
      const code = this.peek();
      if (code === SPACE || code === TAB) this.#position += 1;
      else if (code === CR) this.#skipFold();
      else return;
    }
  }

  /** The CRLF of a fold: only where white space follows it. */
  #skipFold(): void {
    const behind = this.#text.charCodeAt(this.#position + 2);
    const isFold = this.#text.charCodeAt(this.#position + 1) === LF && (behind === SPACE || behind === TAB);
    if (!isFold || this.#compact) this.#refuseControl();
    this.#position += 2;
  }

  /** Comments inside a comment are counted, not followed. */
  #skipComment(): void {
    const opening = this.#position;
    let depth = 0;
    do {
      const code = this.peek();
      if (code === END) this.fail('the comment is not closed', { position: opening });
      if (code === CR) {
        this.#skipFold();
        continue;
      }
      this.#refuseControl();
      this.#position += 1;
      if (code === OPEN_PAREN) {
        depth += 1;
        if (depth > MAX_COMMENT_NESTING) {
          this.fail(`comments are nested more than ${String(MAX_COMMENT_NESTING)} deep`, {
            position: this.#position - 1,
            code: 'ERR_COMMENT_NESTING',
          });
        }
      } else if (code === CLOSE_PAREN) {
        depth -= 1;
      } else if (code === BACKSLASH) {
        this.#refuseControl();
        this.#position += 1;
      }
    } while (depth > 0);
  }

  #refuseControl(): void {
    const code = this.peek();
    if (code === END) this.fail('a character is missing behind the backslash');
    if (code === CR || code === LF) this.fail('a line end stands inside the address');
    if ((code < SPACE && code !== TAB) || code === DELETE) {
      this.fail(
        `the control character 0x${code.toString(16).toUpperCase().padStart(2, '0')} stands inside the address`,
      );
    }
  }

  /** Fails because of the character under the cursor. */
  failHere(details: FaultDetails = {}): never {
    if (this.peek() === END) this.fail('the address is not complete', details);
    this.#refuseControl();
    this.fail(`"${String.fromCodePoint(this.#text.codePointAt(this.#position) ?? 0)}" may not stand here`, details);
  }

  /** Throws InvalidAddressError, at the cursor unless `details` tell another position. */
  fail(reason: string, details: FaultDetails = {}): never {
    throw invalidAddress({ input: this.#text, position: this.#position, header: this.#header, reason, ...details });
  }
}
