/** `posthaste/inspect`: messages read for people. Nothing that sends imports it. */
export { parseDeliveryStatus } from './delivery-status.js';
export type {
  DeliveryAction,
  DeliveryStatus,
  RecipientStatus,
  ReportedAddress,
  TypedValue,
} from './delivery-status.js';
export { InspectError } from './inspect-error.js';
export type { InspectOptions } from './inspect-options.js';
export { inspect } from './inspect.js';
export type { InspectedAttachment, Inspection, ReturnedMessage } from './inspection.js';
