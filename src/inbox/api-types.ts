/** What the REST interface and the event stream say, as JSON. Types only: the server and the page share them. */

export interface NamedInJson {
  readonly header: string;
  readonly occurrence: number;
}

export interface ReplyJson {
  readonly code: number;
  readonly text: string;
}

export interface AttachmentJson {
  readonly index: number;
  /** `''` when the message gives no name. */
  readonly filename: string;
  readonly contentType: string;
  readonly octets: number;
  readonly isInline: boolean;
}

/** A row of the list. */
export interface SummaryJson {
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly outcome: 'accepted' | 'dropped';
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  /** The beginning of the text. */
  readonly preview: string;
  readonly octets: number;
  readonly attachments: number;
  /** How many recipients of the envelope were refused, and how many accepted ones no field names. */
  readonly refused: number;
  readonly blind: number;
  /** Whether a field arrived that should have stayed behind, such as Bcc. */
  readonly leaked: boolean;
}

export interface RecipientJson {
  readonly address: string;
  readonly status: 'accepted' | 'refused';
  readonly reply?: ReplyJson;
  readonly origin: 'field' | 'original' | 'blind';
  readonly namedIn: readonly NamedInJson[];
}

export interface ProvenanceJson {
  readonly sender: {
    readonly address: string;
    readonly origin: 'field' | 'original' | 'blind';
    readonly namedIn: readonly NamedInJson[];
    readonly inFields?: string;
  };
  readonly recipients: readonly RecipientJson[];
  readonly notAddressed: readonly (NamedInJson & { readonly address: string })[];
  readonly resent: boolean;
  readonly leaked: readonly NamedInJson[];
  readonly dotLines: number;
  readonly notes: readonly string[];
}

export interface LineJson {
  readonly by: 'client' | 'server';
  readonly text: string;
  readonly atMs: number;
  readonly endMs?: number;
  readonly octets?: number;
  readonly packet?: number;
}

export interface TranscriptJson {
  readonly opening: readonly LineJson[];
  readonly lines: readonly LineJson[];
  readonly ordinal: number;
  readonly leftOut: number;
}

export interface MessageJson extends SummaryJson {
  readonly cc: string;
  /** ISO 8601, or `''`. */
  readonly date: string;
  readonly text: string;
  readonly hasText: boolean;
  readonly hasHtml: boolean;
  /** Whether its HTML mentions something to be loaded from elsewhere. */
  readonly hasRemoteContent: boolean;
  /** The header fields in order: unfolded, not decoded. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly files: readonly AttachmentJson[];
  readonly provenance: ProvenanceJson;
  readonly transcript: TranscriptJson;
  readonly client: {
    readonly address: string;
    readonly hello: string;
    readonly user: string;
    readonly tls: { readonly protocol: string; readonly cipher: string } | null;
    readonly mailParameters: readonly string[];
  };
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

export interface ListJson {
  readonly smtpUrl: string;
  readonly limits: { readonly messages: number; readonly octets: number };
  /** The newest first. */
  readonly messages: readonly SummaryJson[];
}

/** `event: added` carries a summary; `event: removed` carries this. */
export interface RemovedJson {
  readonly ids: readonly number[];
}
