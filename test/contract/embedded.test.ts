// The store contract, on the embedded Postgres.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../lib/log.js'
import { EmbeddedStore } from '../../lib/store/embedded.js'
import { copyMadeDatabase } from '../support/made-database.js'
import { type MadeStore, storeContract } from './store.contract.js'

function newStore(root: string): EmbeddedStore {
  return new EmbeddedStore({ root, tables: { features: 'features', gates: 'feature_gates' }, logger: silentLogger })
}

async function ownStore(): Promise<MadeStore> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-contract-'))
  await copyMadeDatabase(root)
  const store = newStore(root)
  return { store, close: () => store.close().then(() => rm(root, { recursive: true, force: true })), givesHints: false }
}

async function joinedStore(): Promise<MadeStore> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-contract-'))
  await copyMadeDatabase(root)
  const owner = newStore(root)
  await owner.open()
  const store = newStore(root)
  const close = async () => {
    await store.close()
    await owner.close()
    await rm(root, { recursive: true, force: true })
  }
  return { store, close, givesHints: false }
}

storeContract('on an embedded Postgres that it owns', ownStore)
storeContract('on an embedded Postgres that another process owns', joinedStore)
