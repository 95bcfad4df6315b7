/**
 * From a greeting to a session that may send: EHLO, TLS as the options say, EHLO again, login. A session that is weaker than
 * what was asked for is closed, never used.
 */
import { SMTPNotSupportedError, SMTPResponseException } from '../errors.js';
import type { TlsMode } from '../io/tls-options.js';
import { isLocal } from './local.js';
import type { Conversation } from './conversation.js';
import type { Limits } from './limits.js';
import { login } from './login.js';

export async function establish(conversation: Conversation, limits: Limits): Promise<void> {
  await conversation.introduce(limits);
  if (wantsUpgrade(conversation)) {
    await upgrade(conversation, limits);
    await conversation.introduce(limits);
  }
  const { auth } = conversation.options;
  if (auth !== undefined) await login(conversation, auth, true, limits);
}

function wantsUpgrade(conversation: Conversation): boolean {
  const mode = tlsModeOf(conversation);
  if (mode === 'never' || conversation.tls !== undefined) return false;
  return mode === 'required' || conversation.extensions.has('starttls');
}

/** Without a word of the caller: credentials need TLS; this machine does not; anybody else gets it where it is offered. */
function tlsModeOf({ options, target }: Conversation): TlsMode {
  if (options.tlsMode !== undefined) return options.tlsMode;
  if (target !== undefined && isLocal(target)) return 'never';
  return options.auth === undefined ? 'opportunistic' : 'required';
}

async function upgrade(conversation: Conversation, limits: Limits): Promise<void> {
  try {
    await conversation.starttls(conversation.options.tls, limits);
  } catch (error) {
    conversation.close();
    if (error instanceof SMTPResponseException && error.reply.code >= 500) {
      throw new SMTPNotSupportedError(`TLS is needed here, and ${error.message}`, {
        stage: 'starttls',
        cause: error,
        hint: "Use a port with TLS from the start (465); tls: 'never' would send everything in clear text.",
      });
    }
    throw error;
  }
}
