/** The cases, in the order in which they are run and written down. */
import { bodyEncoder } from './body-encoder.mjs';
import { rawMessage } from './raw-message.mjs';

export const CASES = [
  { title: 'body encoder', run: bodyEncoder },
  { title: 'raw message', run: rawMessage },
];
