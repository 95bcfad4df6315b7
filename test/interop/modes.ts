// The ways in which each scenario is sent: through an `SMTP`, or through a `Mailer` that overlaps more and more.
import type { MailerOptions } from '../../src/index.js';

export const CLIENT_MODES = ['serial', 'pipelined'] as const;
export const MAILER_MODES = ['none', 'message', 'session', 'safe', 'window'] as const;
export const MODES = [...CLIENT_MODES, ...MAILER_MODES] as const;

export type ClientMode = (typeof CLIENT_MODES)[number];
export type MailerMode = (typeof MAILER_MODES)[number];
export type Mode = ClientMode | MailerMode;

export const WINDOW = 4;

export const MAILER_OPTIONS: Readonly<Record<MailerMode, MailerOptions>> = {
  none: { overlap: 'none' },
  message: { overlap: 'message' },
  session: { overlap: 'session' },
  safe: { overlap: 'session', chunking: 'safe' },
  window: { overlap: 'session', chunking: { window: WINDOW } },
};

/** What the server has to offer for it; undefined: the mode works everywhere. */
export function extensionOf(mode: Mode): 'PIPELINING' | 'CHUNKING' | undefined {
  switch (mode) {
    case 'pipelined':
      return 'PIPELINING';
    case 'safe':
    case 'window':
      return 'CHUNKING';
    case 'serial':
    case 'none':
    case 'message':
    case 'session':
      return undefined;
  }
}

export function isMailerMode(mode: Mode): mode is MailerMode {
  return mode !== 'serial' && mode !== 'pipelined';
}

/** Whether the envelope of a message may go out in front of the answer to the content ahead of it. */
export function rides(mode: Mode): boolean {
  return mode === 'session' || mode === 'safe' || mode === 'window';
}
