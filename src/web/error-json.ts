/** How every REST interface says what went wrong. Types only: servers and pages share it. */

export interface ErrorJson {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}
