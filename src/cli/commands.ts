/** The commands, in the order of the help. A new one is a row here and a module that its `load` names. */
import { checkCommand } from './check/check-command.js';
import type { Command, OptionSpec } from './command.js';
import { inspectCommand } from './inspect/inspect-command.js';
import { inboxCommand } from './inbox-command.js';
import { MESSAGE_OPTIONS } from './message-options.js';
import { outboxCommand } from './outbox/outbox-command.js';
import { resendCommand } from './resend/resend-command.js';
import { sendmailCommand } from './sendmail/sendmail-command.js';
import { SERVER_OPTIONS } from './server-options.js';

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
    ...SERVER_OPTIONS,
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
    ...MESSAGE_OPTIONS,
  ],
  examples: [
    { line: 'posthaste send mail.eml --dry-run', shows: 'who would get it, and why; nothing is sent' },
    { line: 'posthaste send mail.eml --url smtp://127.0.0.1:1025', shows: 'sends it' },
    {
      line: 'SMTP_URL=smtp://mail.example posthaste send archive/*.eml --json',
      shows: 'sends many over one connection, and reports in JSON',
    },
    {
      line: 'posthaste send mail.eml --url smtps://ann@mail.example --password-file pw',
      shows: 'logs in, with a password that stands in no argument',
    },
    {
      line: 'posthaste send --from bounces@example.org --to ann@example.org < mail.eml',
      shows: 'sends what it reads to one person, whatever the message says',
    },
  ],
  load: async () => (await import('./send.js')).send,
};

const completion: Command = {
  name: 'completion',
  summary: 'Print what a shell needs to complete commands and options.',
  operands: 'bash|zsh',
  operandWords: { at: 0, words: ['bash', 'zsh'] },
  description: ['Prints a script for bash or zsh. The same scripts are in the folder completions of the project.'],
  options: [],
  examples: [
    { line: 'posthaste completion bash > /etc/bash_completion.d/posthaste', shows: 'for all users' },
    { line: 'posthaste completion zsh > ~/.zfunc/_posthaste', shows: 'into a folder of fpath' },
  ],
  load: async () =>
    (await import('./print-completion.js')).completionPrinter({ commands: COMMANDS, commonOptions: COMMON_OPTIONS }),
};

export const COMMANDS: readonly Command[] = [
  send,
  resendCommand,
  checkCommand,
  inspectCommand,
  sendmailCommand,
  inboxCommand,
  outboxCommand,
  completion,
];
