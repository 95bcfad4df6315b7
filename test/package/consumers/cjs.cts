// A consumer that is CommonJS, in the form that TypeScript compiles to require().
import posthaste = require('posthaste');
import testing = require('posthaste/testing');

const envelope: posthaste.Envelope = { from: '', to: ['b@example.com'] };
const error: posthaste.PosthasteError = new posthaste.SMTPException('no', { hint: 'none' });
export = { envelope, hint: error.hint, names: Object.keys(testing) };
