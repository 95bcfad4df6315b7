/**
 * The real messages that name no envelope, each looked at by a person. `clause`: what forbids it. A message without a From, a
 * Sender and a recipient field is a test of MIME parsers, not a mail: it is listed by folder in `withoutOriginator`.
 */
export interface Refusal {
  readonly file: string;
  readonly code: string;
  readonly header: string;
  /** Into the unfolded value, in UTF-16 code units. */
  readonly position: number;
  readonly clause: string;
}

/** One sentence for each class of broken address list. */
const MIXED = 'RFC 5322 3.4: an addr-spec has a domain; "Doe, J <j@x>" would send to a user called Doe';
const NO_PHRASE = 'RFC 5322 3.2.5: a phrase is words; specials in it must be quoted';

export const badAddresses: readonly Refusal[] = [
  {
    file: 'apache-mime4j/mimetools-testmsgs-simple.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'Cc',
    position: 62,
    clause: MIXED,
  },
  {
    file: 'apache-mime4j/testmsgs-basic-plain-very-long-lines.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'Cc',
    position: 47,
    clause: MIXED,
  },
  {
    file: 'apache-mime4j/testmsgs-basic-plain-with-bad-header-separator.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'Cc',
    position: 47,
    clause: MIXED,
  },
  {
    file: 'apache-mime4j/testmsgs-basic-plain.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'Cc',
    position: 47,
    clause: MIXED,
  },
  {
    file: 'mikel-mail/error_emails-missing_body.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'To',
    position: 22,
    clause: NO_PHRASE,
  },
  {
    file: 'mikel-mail/plain_emails-mix_caps_content_type.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'From',
    position: 4,
    clause: 'RFC 5322 3.4.1: a local part is one dot-atom or one quoted string',
  },
  {
    file: 'mikel-mail/plain_emails-raw_email_multiple_from.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'From',
    position: 19,
    clause: 'RFC 5322 3.4: a comma separates addresses; a space does not',
  },
  {
    file: 'mikel-mail/plain_emails-raw_email_with_at_display_name.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'To',
    position: 17,
    clause: `${NO_PHRASE}; an address as the name of another one is a disguise`,
  },
  {
    file: 'mikel-mail/rfc2822-example13.eml',
    code: 'ERR_INVALID_ADDRESS',
    header: 'To',
    position: 5,
    clause: 'RFC 5322 3.4: a name-addr ends in an angle-addr',
  },
];

/** Only empty groups, or no recipient field at all (RFC 5321 3.3: a transaction has at least one RCPT). */
export const withoutRecipients: readonly string[] = [
  'apache-mime4j/testmsgs-multipartdigestnestedemptyparts.eml',
  'apache-mime4j/testmsgs-multipartemptypart.eml',
  'apache-mime4j/testmsgs-multipartnestedemptyparts.eml',
  'apache-mime4j/testmsgs-multipartnestedemptypartsnorfc822.eml',
  'apache-mime4j/testmsgs-multipartnopart.eml',
  'mikel-mail/error_emails-empty_group_lists.eml',
  'stalwart-mail-parser/malformed-022.eml',
];

/** RFC 5322 3.6: From is one of the two fields that every message has. */
export const withoutOriginator: readonly string[] = [
  'apache-mime4j/mimetools-testmsgs-attachment-filename-encoding-Latin1.eml',
  'apache-mime4j/mimetools-testmsgs-attachment-filename-encoding-UTF8.eml',
  'apache-mime4j/mimetools-testmsgs-bluedot-postcard.eml',
  'apache-mime4j/mimetools-testmsgs-bluedot-simple.eml',
  'apache-mime4j/mimetools-testmsgs-double-semicolon.eml',
  'apache-mime4j/mimetools-testmsgs-double-semicolon2.eml',
  'apache-mime4j/mimetools-testmsgs-empty-preamble.eml',
  'apache-mime4j/mimetools-testmsgs-infinite.eml',
  'apache-mime4j/mimetools-testmsgs-multi-2gifs-base64.eml',
  'apache-mime4j/mimetools-testmsgs-russian.eml',
  'apache-mime4j/mimetools-testmsgs-sig-uu.eml',
  'apache-mime4j/mimetools-testmsgs-ticket-60931.eml',
  'apache-mime4j/mimetools-testmsgs-x-gzip64.eml',
  'apache-mime4j/testmsgs-bad-newlines-multiple-parts-base64.eml',
  'apache-mime4j/testmsgs-bad-newlines-multiple-parts.eml',
  'apache-mime4j/testmsgs-base64-encoded-text.eml',
  'apache-mime4j/testmsgs-base64encoded-rfc822message-nested.eml',
  'apache-mime4j/testmsgs-base64encoded-rfc822message.eml',
  'apache-mime4j/testmsgs-boundary-name-clash.eml',
  'apache-mime4j/testmsgs-ending-boundaries.eml',
  'apache-mime4j/testmsgs-intermediate-boundaries.eml',
  'apache-mime4j/testmsgs-malformedHeader-nocrlfcrlf.eml',
  'apache-mime4j/testmsgs-misplaced-boundary.eml',
  'apache-mime4j/testmsgs-missing-boundary.eml',
  'apache-mime4j/testmsgs-missing-inner-boundary.eml',
  'apache-mime4j/testmsgs-missing-inner-start-boundary.eml',
  'apache-mime4j/testmsgs-obsolete.eml',
  'apache-mime4j/testmsgs-qp-body.eml',
  'apache-mime4j/testmsgs-russian-headers.eml',
  'apache-mime4j/testmsgs-very-long-boundary.eml',
  'apache-mime4j/testmsgs-very-very-long-boundary.eml',
  'apache-mime4j/testmsgs-weird-boundary.eml',
  'mikel-mail/error_emails-bad_encoded_subject.eml',
  'stalwart-mail-parser/malformed-000.eml',
  'stalwart-mail-parser/malformed-001.eml',
  'stalwart-mail-parser/malformed-002.eml',
  'stalwart-mail-parser/malformed-003.eml',
  'stalwart-mail-parser/malformed-004.eml',
  'stalwart-mail-parser/malformed-005.eml',
  'stalwart-mail-parser/malformed-006.eml',
  'stalwart-mail-parser/malformed-007.eml',
  'stalwart-mail-parser/malformed-008.eml',
  'stalwart-mail-parser/malformed-009.eml',
  'stalwart-mail-parser/malformed-010.eml',
  'stalwart-mail-parser/malformed-012.eml',
  'stalwart-mail-parser/malformed-013.eml',
  'stalwart-mail-parser/malformed-014.eml',
  'stalwart-mail-parser/malformed-016.eml',
  'stalwart-mail-parser/malformed-018.eml',
  'stalwart-mail-parser/malformed-019.eml',
  'stalwart-mail-parser/rfc-007.eml',
  'stalwart-mail-parser/rfc-008.eml',
];
