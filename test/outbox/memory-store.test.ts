import { MemoryStore } from '../../src/outbox/memory-store.js';
import { storeContract } from './store-contract.js';

describe('the store in memory', () => {
  // eslint-disable-next-line @typescript-eslint/require-await -- as a store that has to be opened
  storeContract(async () => new MemoryStore());
});
