import type { CallOptions, Shipment } from './sendmail.js';

export type Sendable = Uint8Array;

export interface SendMessageOptions extends CallOptions {
  from?: string;
  to?: readonly string[];
}

export function prepareMessage(
  _message: Sendable,
  _options: SendMessageOptions,
): Promise<{ shipment: Shipment; messageId: string | undefined }> {
  return Promise.reject(new Error('the message layer is not here yet'));
}
