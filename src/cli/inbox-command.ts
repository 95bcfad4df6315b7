/** `inbox` as a row of the table of commands. */
import type { Command } from './command.js';

export const inboxCommand: Command = {
  name: 'inbox',
  summary: 'Run a mail server for development that keeps what it gets, and shows it on a web page.',
  operands: '',
  description: [
    'Nothing is delivered: what is sent to the SMTP port is kept in memory and shown at once on the page, with its ' +
      'envelope, where each recipient came from, and who waited for whom. Ends with Ctrl-C.',
    'Addresses ask for faults: fail-550@, defer-451@, fail-data-554@, defer-data-452@, drop-data@, delay-2000@, at any ' +
      'domain, alone or behind a plus sign (ann+fail-550@).',
  ],
  options: [
    { name: 'smtp-port', value: 'PORT', description: 'The port for SMTP. Default 1025; 0 takes a free one.' },
    { name: 'web-port', value: 'PORT', description: 'The port of the page. Default 8025; 0 takes a free one.' },
    {
      name: 'host',
      value: 'ADDRESS',
      description:
        'The address to listen on. Default 127.0.0.1, which nobody but this machine reaches; anybody who reaches another ' +
        'one can read the mail.',
    },
    {
      name: 'allow-host',
      value: 'NAME',
      repeatable: true,
      description:
        'A name under which a browser may ask for the page, beside localhost and addresses. May be repeated.',
    },
    { name: 'max-messages', value: 'NUMBER', description: 'How many messages are kept, the newest. Default 500.' },
    {
      name: 'max-octets',
      value: 'NUMBER',
      description: 'How many octets they may take together. Default 268435456 (256 MiB).',
    },
    {
      name: 'max-message-octets',
      value: 'NUMBER',
      description: 'The largest message that is taken. Default 33554432 (32 MiB).',
    },
    {
      name: 'tls',
      description:
        'Offer STARTTLS with a certificate that is made for this run. Programs that encrypt where they can refuse it, unless they are ' +
        'told to trust it.',
    },
    {
      name: 'tls-certificate',
      value: 'FILE',
      description: 'Write that certificate to FILE, for clients to trust (Node: NODE_EXTRA_CA_CERTS). Implies --tls.',
    },
    { name: 'quiet', short: 'q', description: 'Say nothing about the messages that come in.' },
  ],
  examples: [
    { line: 'posthaste inbox', shows: 'SMTP on 127.0.0.1:1025, the page on http://127.0.0.1:8025/' },
    {
      line: 'posthaste inbox --smtp-port 2525 --web-port 0 --quiet',
      shows: 'on other ports, without a word on each message',
    },
    { line: 'posthaste inbox --tls-certificate inbox.pem', shows: 'with STARTTLS, to try settings of TLS' },
  ],
  load: async () => (await import('./inbox.js')).inbox,
};
