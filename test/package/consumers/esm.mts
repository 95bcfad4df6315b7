// A consumer that is an ES module: every name it uses must be in the published types.
import { isPosthasteError, SMTPException, type Envelope, type SendResult } from 'posthaste';
import * as testing from 'posthaste/testing';

export const envelope: Envelope = { from: 'a@example.com', to: ['b@example.com'] };
export const count = (result: SendResult): number => result.recipients.length;
export const names: readonly string[] = Object.keys(testing);
export const code = (error: unknown): string | undefined => (isPosthasteError(error) ? error.code : undefined);
export class OwnError extends SMTPException {}
