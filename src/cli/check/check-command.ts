/** `check` as a row of the table of commands. */
import type { Command } from '../command.js';
import { MESSAGE_OPTIONS } from '../message-options.js';
import { SERVER_OPTIONS } from '../server-options.js';

export const checkCommand: Command = {
  name: 'check',
  summary: 'Look at a server: what it offers, its TLS and certificate, whether the login works, how fast it answers.',
  operands: '[URL...]',
  description: [
    'Connects, says EHLO, encrypts as the URL and the server allow, logs in when there is a password, measures the round trip, and says ' +
      'QUIT. No message is sent.',
    'Several URLs, and the servers of a URL like failover:(URL,URL), are looked at one after the other; the exit code is the most urgent one.',
    'A certificate that does not pass is shown all the same, with the reason; nothing is sent to such a server.',
  ],
  options: [
    ...SERVER_OPTIONS,
    { name: 'json', description: 'Write one JSON object per server, one per line, to standard output.' },
    ...MESSAGE_OPTIONS.filter(({ name }) => name === 'timeout' || name === 'debug'),
  ],
  examples: [
    {
      line: 'posthaste check smtp://mail.example:587',
      shows: 'what it offers, and for how long its certificate is good',
    },
    {
      line: 'posthaste check smtps://ann@mail.example --password-command "pass show mail"',
      shows: 'also whether the login works',
    },
    {
      line: 'posthaste check smtp://mx1.example smtp://mx2.example',
      shows: 'each of them',
    },
    { line: 'posthaste check --account work --json', shows: 'the same as JSON, for a monitor' },
  ],
  load: async () => (await import('./check.js')).check,
};
