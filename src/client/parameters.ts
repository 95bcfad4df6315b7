/** ESMTP parameters as MAIL and RCPT carry them (RFC 5321 section 4.1.2). */
import { MessageError } from '../errors.js';
import type { EsmtpParams } from '../types.js';

const PARAMETER = /^[A-Za-z0-9][A-Za-z0-9-]*(?:=[!-<>-~\u0080-\u{10ffff}]+)?$/u;

/** Each parameter with a space in front. Throws MessageError for text that is no parameter. */
export function formatParameters(parameters: EsmtpParams): string {
  return words(parameters)
    .map((word) => {
      if (PARAMETER.test(word)) return ` ${word}`;
      throw new MessageError(`${JSON.stringify(word)} is no ESMTP parameter`, {
        code: 'ERR_INVALID_PARAMETER',
        hint: 'A parameter is KEYWORD or KEYWORD=value, without spaces (RFC 5321 section 4.1.2).',
      });
    })
    .join('');
}

export function hasParameter(parameters: EsmtpParams, keyword: string): boolean {
  return words(parameters).some((word) => word.split('=', 1)[0]?.toUpperCase() === keyword);
}

function words(parameters: EsmtpParams): readonly string[] {
  if (Array.isArray(parameters)) return parameters as readonly string[];
  return Object.entries(parameters).map(([keyword, value]) =>
    value === true ? keyword : `${keyword}=${String(value)}`,
  );
}
