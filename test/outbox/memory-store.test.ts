import { MemoryStore } from '../../src/outbox/memory-store.js';
import { storeContract } from './store-contract.js';

describe('the store in memory', () => {
  storeContract(async () => new MemoryStore());
});
