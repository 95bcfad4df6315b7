/** `inspect` as a row of the table of commands. */
import type { Command } from '../command.js';
import { MESSAGE_OPTIONS } from '../message-options.js';

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Look at messages: envelope, MIME structure, signatures, and what may go wrong with them.',
  operands: '[FILE...|-]',
  description: [
    'Reads each FILE, or standard input, as one message, and connects to nobody. Shows who would get it and which field says so, its ' +
      'parts, what its DKIM-Signature fields say (nothing is verified), and warnings: 8-bit content, long lines, missing fields, ' +
      'several authors without Sender, boundaries that do not hold.',
    'A message without an envelope is no fault here: what would be wrong with sending it is shown in place of the envelope.',
  ],
  options: [
    { name: 'json', description: 'Write one JSON object per message, one per line, to standard output.' },
    ...MESSAGE_OPTIONS.filter(({ name }) => name === 'resent'),
  ],
  examples: [
    { line: 'posthaste inspect mail.eml', shows: 'what it is' },
    {
      line: "posthaste inspect *.eml --json | jq -r 'select(.warnings != []) | .file'",
      shows: 'which ones have warnings',
    },
  ],
  load: async () => (await import('./inspect.js')).inspect,
};
