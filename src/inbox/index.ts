/** `posthaste/inbox`: a mail server for a desk and for tests, which keeps what it gets and shows it. */
export { Inbox } from './inbox.js';
export type { ClientFacts, InboxMessage } from './inbox-message.js';
export type { InboxMessageContent, InboxAttachment } from './inspection.js';
export type { InboxCertificate, InboxOptions } from './options.js';
export type { NamedIn, Origin, Provenance, RecipientOrigin, SenderOrigin } from './provenance.js';
export type { Transcript, TranscriptLine } from './transcript.js';
export type { MessageFilter, WaitOptions } from './wait-for.js';
