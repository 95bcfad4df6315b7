/**
 * Whether a reply says that the sender is too fast for this server, so that every message has to wait and not this one alone. It has to say
 * so in words or in a code that means nothing else: a queue that stands still for a full mailbox or a greylist is worse than one retry.
 */
import type { Reply, Stage } from '../index.js';

/** Where a provider says it. 454 is Amazon SES's ("454 Throttling failure: Maximum sending rate exceeded"). */
const CODES: ReadonlySet<number> = new Set([421, 450, 451, 452, 454]);

/**
 * 4.7.28: Gmail, unusual rate from this address or domain. 4.7.500 to 4.7.699: Exchange Online, server busy or address limited for now
 * (4.7.650 and the like). 4.4.5: mail system congestion (RFC 3463 section 3.5).
 */
const ENHANCED = /^4\.(?:7\.28|7\.[56]\d\d|4\.5)$/;

/** X.2.x is about one mailbox, X.1.x about one address, X.5.3 about too many recipients in one transaction (RFC 3463). */
const ABOUT_A_RECIPIENT = /^4\.(?:[12]\.|5\.3$)/;

const GREYLISTED = /gr[ae]y[- ]?list/i;

const WORDS = [
  /\bthrottl(?:ed|ing)\b/i,
  /\brate[- ]?limit(?:ed|ing|s)?\b/i,
  /\b(?:sending|message|mail|connection|submission) (?:rate|frequency)\b.*\b(?:exceed|too high|limit)/i,
  /\b(?:exceed(?:ed|s|ing)?|reached)\b.*\b(?:rate|(?:sending|messages?|hourly|daily|connection) (?:limit|quota))\b/i,
  /\btoo (?:many|much) (?:concurrent |simultaneous |smtp |new )*(?:connections?|sessions?|messages?|mails?|e-?mails?)\b/i,
  /\btoo many recipients from\b/i,
  /\btoo (?:fast|frequent(?:ly)?|often)\b/i,
  /\bunusual rate\b/i,
  /\bunexpected volume\b/i,
  /\bslow down\b/i,
];

/** The server chooses the text: what stands behind so many characters decides nothing. */
const LONGEST = 1_000;

/**
 * True for 421, 450, 451, 452 and 454 whose enhanced status code is 4.7.28, 4.7.500 to 4.7.699 or 4.4.5, or whose text speaks of a
 * rate, of throttling, or of too many connections or messages. Never for what is about one recipient (4.1.x, 4.2.x, 4.5.3; any reply to RCPT
 * but 421 and a Postfix "too many recipients from"), and never for greylisting.
 */
export function isThrottling(reply: Reply, stage: Stage | undefined): boolean {
  const { code, enhancedCode = '' } = reply;
  const text = reply.lines.join(' ').slice(0, LONGEST);
  if (!CODES.has(code) || ABOUT_A_RECIPIENT.test(enhancedCode) || GREYLISTED.test(text)) return false;
  if (stage === 'rcpt' && code !== 421 && !/\btoo many recipients from\b/i.test(text)) return false;
  return ENHANCED.test(enhancedCode) || WORDS.some((words) => words.test(text));
}
