/** The commands, in the order of the help. A new one is a row here and a module that its `load` names. */
import type { Command, OptionSpec } from './command.js';

/** Options that stand in front of, or in, every command. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: 'help', short: 'h', description: 'Show this help and end.' },
  { name: 'version', description: 'Show the version and end.' },
];

const send: Command = {
  name: 'send',
  summary: 'Send message files (.eml) to the recipients that their own header fields name.',
  operands: '[FILE...|-]',
  description: [
    'The envelope comes from the message: Sender, else From; To, Cc and Bcc; of a resent message its Resent-* fields ' +
      'alone. Bcc fields are not sent; else the message goes out byte for byte, with CRLF line ends.',
    'Without FILE, or for -, the message is read from standard input. Several files go over one connection, and one that ' +
      'fails does not stop the others.',
  ],
  options: [
    {
      name: 'url',
      value: 'URL',
      description:
        'The server, such as smtp://mail.example:25. Default: SMTP_URL in the environment. A password belongs there: ' +
        'other users of the machine can see the arguments of a program.',
    },
    {
      name: 'from',
      value: 'ADDRESS',
      description: "The reverse-path, in place of the message's own. '' is the null sender.",
    },
    {
      name: 'to',
      value: 'ADDRESS',
      repeatable: true,
      description: "A recipient, in place of all of the message's own. May be repeated.",
    },
    {
      name: 'dry-run',
      short: 'n',
      description:
        'Send nothing, and connect to nobody: show the envelope, where each address comes from, what would be removed, ' +
        'warnings and the size.',
    },
    { name: 'json', description: 'Write one JSON object per message, one per line, to standard output.' },
    {
      name: 'resent',
      value: 'WHICH',
      choices: ['error', 'latest', 'ignore'],
      description:
        'When a message has more than one set of Resent-* fields: refuse it (error, the default) or use the topmost set ' +
        '(latest). ignore uses the plain fields, whatever the Resent-* fields say.',
    },
    { name: 'allow-long-lines', description: 'Let lines of more than 998 octets pass, which are refused otherwise.' },
    {
      name: 'line-endings',
      value: 'HOW',
      choices: ['normalize', 'normalize-all', 'reject'],
      description:
        'What becomes of line ends that are not CRLF: they become CRLF, but a lone CR in the header block is refused ' +
        '(normalize, the default); they become CRLF there too (normalize-all); they are refused (reject).',
    },
    {
      name: 'timeout',
      value: 'MS',
      description:
        'How long to wait for each answer of the server, in milliseconds; for the last one at least 60000, because ' +
        'giving up on it early makes duplicates.',
    },
    {
      name: 'debug',
      description: 'Show the conversation with the server on standard error, without secrets or bodies.',
    },
  ],
  examples: [
    { line: 'posthaste send mail.eml --dry-run', shows: 'who would get it, and why; nothing is sent' },
    { line: 'posthaste send mail.eml --url smtp://127.0.0.1:1025', shows: 'sends it' },
    {
      line: 'SMTP_URL=smtp://mail.example posthaste send archive/*.eml --json',
      shows: 'sends many over one connection, and reports in JSON',
    },
    {
      line: 'posthaste send --from bounces@example.org --to ann@example.org < mail.eml',
      shows: 'sends what it reads to one person, whatever the message says',
    },
  ],
  load: async () => (await import('./send.js')).send,
};

export const COMMANDS: readonly Command[] = [send];
