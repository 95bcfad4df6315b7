/** What may be asked of an outbox, as words behind its folder. */
export const ACTIONS = ['list', 'show', 'retry', 'cancel', 'purge'] as const;
