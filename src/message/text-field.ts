/**
 * Unstructured header fields: subjects and custom fields. One rule: what a reader shows is the text that was given, whatever
 * it looks like, and what is written is ASCII.
 */
import { encodeWords, isPlainText } from './encoded-word.js';
import { writeField, type FieldText } from './header-field.js';

/**
 * A field of text, encoded (RFC 2047) where a reader would not see the same text otherwise.
 *
 * @throws MessageError: `ERR_INVALID_HEADER_NAME`, `ERR_INVALID_HEADER_VALUE` (CR, LF, NUL, half a surrogate pair).
 */
export function writeTextField(name: string, text: string): FieldText {
  // The check of the text is that of any value, and comes before an encoding could hide what is wrong with it.
  const field = writeField(name, text);
  return isPlainText(text) ? field : writeField(name, encodeWords(text, name.length + 2));
}
