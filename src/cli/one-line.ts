/**
 * The gate for every text that reaches a terminal or a log: one line, no control that a server or a file name could have
 * smuggled in, and no password of a URL.
 */

const LINE_ENDS = /[\r\n\u0085\u2028\u2029]+/g;
/** Controls, and the marks that turn the direction of text around: they make a line read as what it is not. */
// eslint-disable-next-line no-control-regex -- finding controls is the purpose
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function oneLine(text: string): string {
  return withoutPasswords(text)
    .replace(LINE_ENDS, ' ')
    .replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Whatever stands between `://` and the last `@` of a word: a password that is not percent-encoded may hold anything. */
export function withoutPasswords(text: string): string {
  return text.replace(/:\/\/[^\s@]*:\S*@/g, '://***@');
}

/** `what. hint`: a sentence, and what to do next. */
export function sentence(what: string, hint: string | undefined): string {
  const first = `${what.replace(/[.\s]+$/, '')}.`;
  return hint === undefined ? first : `${first} ${hint}`;
}
