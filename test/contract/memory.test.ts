// The store contract, in memory.
import { MemoryStore } from '../../lib/store/memory/store.js'
import { storeContract } from './store.contract.js'

storeContract('in memory', async () => {
  const store = new MemoryStore()
  return { store, close: () => store.close() }
})
