/** `resend` as a row of the table of commands. */
import type { Command } from '../command.js';
import { MESSAGE_OPTIONS } from '../message-options.js';
import { SERVER_OPTIONS } from '../server-options.js';

export const resendCommand: Command = {
  name: 'resend',
  summary: 'Send the messages of archives: .eml files, directories, Maildirs, mboxes; and go on after an interruption.',
  operands: 'PATH...',
  description: [
    'A directory gives its *.eml files at any depth and the messages in cur and new of its Maildirs. A file gives one message, or ' +
      'all messages of an mbox: a new one begins only where a blank line, a From line with address and date, and a header line ' +
      'follow each other, and >From is unquoted as in mboxrd.',
    'Each message goes out byte for byte, to the envelope that its own header fields name, or with a block of Resent-* fields in ' +
      'front to those whom --resent-to, --resent-cc and --resent-bcc name. Resent-Bcc is not sent.',
    'With --journal, everything is written down before and after it happens. The same command, run again, sends to those who have ' +
      'not got it; what may have been delivered when a run ended is reported, and not sent again.',
  ],
  options: [
    ...SERVER_OPTIONS,
    {
      name: 'resent-from',
      value: 'ADDRESS',
      description:
        'Who resends. Each message gets a complete set of Resent-* fields in front, and goes where they say.',
    },
    { name: 'resent-to', value: 'ADDRESS', repeatable: true, description: 'Who gets it. May be repeated.' },
    { name: 'resent-cc', value: 'ADDRESS', repeatable: true, description: 'Who gets a copy. May be repeated.' },
    {
      name: 'resent-bcc',
      value: 'ADDRESS',
      repeatable: true,
      description: 'Who gets a copy that nobody sees. May be repeated.',
    },
    {
      name: 'files-from',
      value: 'FILE',
      description: 'Read paths from FILE, one for each line; - is standard input.',
    },
    { name: 'null', short: '0', description: 'The paths of --files-from end with NUL, as find -print0 writes them.' },
    {
      name: 'sort',
      value: 'HOW',
      choices: ['none', 'date'],
      description: 'In the order of the archive (none, the default), or by the Date fields, the oldest first (date).',
    },
    {
      name: 'dry-run',
      short: 'n',
      description:
        'Send nothing, and connect to nobody: show each envelope, where its addresses come from, what would be removed, warnings ' +
        'and the size. A journal is neither read nor written.',
    },
    {
      name: 'probe',
      description: 'Ask the server about each envelope (MAIL and RCPT, then RSET), and send nothing.',
    },
    {
      name: 'journal',
      value: 'FILE',
      description: 'Write down what is done, and leave out what FILE says is done. One run at a time can use it.',
    },
    {
      name: 'resend-unknown',
      description: 'Also send what an earlier run may have delivered. It may arrive twice.',
    },
    {
      name: 'on-success',
      value: 'move:DIR',
      description: 'Move the file of each message that everybody has got into DIR.',
    },
    { name: 'rate', value: 'RATE', description: 'At most so many messages: 20/s, 1000/hour.' },
    { name: 'concurrency', value: 'N', description: 'How many connections at a time. Default: 1.' },
    {
      name: 'retries',
      value: 'N',
      description:
        'How often to try again within this run, after 1, 2, 4 ... seconds, where the server said later or nothing left. Default: 2.',
    },
    {
      name: 'confirm',
      value: 'WHEN',
      choices: ['auto', 'always', 'never'],
      description:
        'Ask before anything is sent: on a terminal above 50 recipients (auto, the default), always, or never.',
    },
    { name: 'json', description: 'Write one JSON object per message, and one with the sum, to standard output.' },
    { name: 'verbose', short: 'v', description: 'Also say what went well, message by message.' },
    ...MESSAGE_OPTIONS,
  ],
  examples: [
    { line: 'posthaste resend archive/ --dry-run', shows: 'who would get what, and why; nothing is sent' },
    {
      line: 'posthaste resend Maildir/ old.mbox --url smtp://mail.example --journal run.log',
      shows: 'sends everything once; after an interruption, the same line goes on',
    },
    {
      line: 'posthaste resend old.mbox --resent-from me@x.org --resent-to ann@y.org',
      shows: 'gives Ann the whole archive, through the server in SMTP_URL',
    },
    {
      line: 'find . -mtime -2 -print0 | posthaste resend --files-from - -0 --probe',
      shows: 'asks the server what it would say to the mail of two days',
    },
    {
      line: 'posthaste resend out/ --journal run.log --on-success move:sent --sort date',
      shows: 'the oldest first; files that everybody has got go to sent/',
    },
  ],
  load: async () => (await import('./resend.js')).resend,
};
