/** What stops an inspection. One rule: a message that is refused is refused whole, before anything of it is given out. */
import { MessageError, type MessageErrorOptions } from '../index.js';

/**
 * The message could not be inspected: it is over a limit, the parser is not installed, or it took too long. `code` says which. `name`
 * is `AbortError` when the caller's AbortSignal fired.
 */
export class InspectError extends MessageError {
  constructor(message: string, options: MessageErrorOptions & { readonly code: string }) {
    super(message, options);
    if (options.code === 'ERR_ABORTED') this.name = 'AbortError';
  }
}
