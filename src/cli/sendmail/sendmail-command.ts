/** `sendmail` as a row of the table of commands. */
import type { Command } from '../command.js';
import { SERVER_OPTIONS } from '../server-options.js';
import { parseSendmailArguments } from './sendmail-arguments.js';

export const sendmailCommand: Command = {
  name: 'sendmail',
  summary: 'Stand in for /usr/sbin/sendmail: cron, PHP, git and mailx send through it.',
  operands: '[RECIPIENT...]',
  description: [
    'Reads one message from standard input and sends it to the recipients in the arguments, or, with -t, to those in its header ' +
      'fields. A program of the name sendmail (a symbolic link to posthaste) does the same without the first word.',
    'The server is that in SMTP_URL, else the account that POSTHASTE_ACCOUNT names, else the account "default" in accounts.json, unless ' +
      'one of the options below names it. There is no queue: the exit code is what the server said.',
    'From, Date and Message-ID are added where the message lacks them. Other options of sendmail are taken where they mean nothing ' +
      'without a queue, and refused where they would need one.',
  ],
  style: 'letters',
  parse: parseSendmailArguments,
  options: [
    {
      name: 't',
      description:
        'Take the recipients from To, Cc and Bcc. Addresses in the arguments are then those that do not get the message, as in sendmail.',
    },
    { name: 'i', description: 'A line with a dot alone does not end the message. -oi is the same.' },
    {
      name: 'f',
      value: 'ADDRESS',
      description:
        "The reverse-path; '' and <> are the null sender. Default: Sender or From of the message. -r is the same.",
    },
    { name: 'F', value: 'NAME', description: 'The full name of the sender, for a message without From.' },
    {
      name: 'N',
      value: 'EVENTS',
      description: 'Which notifications to ask for: never, or some of success,failure,delay (DSN, RFC 3461).',
    },
    { name: 'R', value: 'PART', description: 'How much of the message they return: full or hdrs.' },
    { name: 'V', value: 'ENVID', description: 'The envelope identifier that they carry.' },
    { name: 'bm', description: 'Send the message on standard input: the one mode there is, and the default.' },
    { name: 'v', description: 'Show the conversation with the server on standard error.' },
    // The words of the other commands, behind two dashes.
    ...SERVER_OPTIONS.map((option) => ({ ...option, name: `-${option.name}` })),
    { name: '-', description: 'What follows are recipients, also with a dash in front.' },
  ],
  examples: [
    { line: 'posthaste sendmail -t -i < mail.eml', shows: 'as PHP and many programs do it' },
    {
      line: "posthaste sendmail -f '' -N never -- postmaster@example.org < notice.eml",
      shows: 'a notice that nobody answers',
    },
    {
      line: "echo 'disk full' | posthaste sendmail root@example.org",
      shows: 'as cron and scripts do it; the missing fields are added',
    },
    { line: 'posthaste sendmail --account work -t -i < mail.eml', shows: 'through the server of that name' },
  ],
  load: async () => (await import('./sendmail.js')).sendmail,
};
