/** RFC 6376 sections 3.4.3 and 3.4.4 word by word over a whole body: slow, and plain enough to be read beside the text. */
export function canonicalBodyReference(body: string, form: 'relaxed' | 'simple'): string {
  const lines = body.split('\r\n');
  // What stands behind the last line end is no line.
  if (lines.at(-1) === '') lines.pop();
  const reduced = form === 'simple' ? lines : lines.map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (reduced.at(-1) === '') reduced.pop();
  if (reduced.length === 0) return form === 'simple' ? '\r\n' : '';
  return reduced.map((line) => `${line}\r\n`).join('');
}
