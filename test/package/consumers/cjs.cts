// A consumer that is CommonJS, in the form that TypeScript compiles to require().
import posthaste = require('posthaste');
import testing = require('posthaste/testing');

const envelope: posthaste.Envelope = { from: '', to: ['b@example.com'] };
const error: posthaste.PosthasteError = new posthaste.SMTPException('no', { hint: 'none' });
const client = new posthaste.SMTP({ host: '127.0.0.1' });
const reply: Promise<posthaste.Reply> = client.sendmail('', ['b@example.com'], 'text').then((result) => result.reply);
export = { envelope, hint: error.hint, reply, server: testing.ScriptedServer };
