// What the bench takes out of a built dist/, and the only file that names files of it. Each is loaded when it is asked for: a
// process that is measured has loaded nothing but what it needs. The types are those of the sources, so that the compiler reads
// the bench where nothing is built yet.
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** This checkout. */
export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The public entry of a built checkout. */
export function entryOf(folder = checkout) {
  return join(folder, 'dist', 'index.js')
}

/** The command line of this checkout. */
export const commandLineEntry = join(checkout, 'bin', 'feature-flag')

/**
 * What an application imports, of this checkout or of another one.
 * @returns {Promise<typeof import('../../lib/index.js')>}
 */
export function loadLibrary(folder = checkout) {
  return import(pathToFileURL(entryOf(folder)).href)
}

/** @returns {Promise<typeof import('../../lib/instance/create.js')>} */
export const loadInstances = () => load('instance/create.js')

/** @returns {Promise<typeof import('../../lib/feature/scope/scopes.js')>} */
export const loadScopes = () => load('feature/scope/scopes.js')

/** @returns {Promise<typeof import('../../lib/store/postgres/store.js')>} */
export const loadPostgresStore = () => load('store/postgres/store.js')

/** @returns {Promise<typeof import('../../lib/store/migrations/migrate.js')>} */
export const loadMigrations = () => load('store/migrations/migrate.js')

/** @returns {Promise<typeof import('../../lib/tokens/tokens.js')>} */
export const loadTokens = () => load('tokens/tokens.js')

/** @returns {Promise<typeof import('../../lib/cache/redis/cache.js')>} */
export const loadRedisCache = () => load('cache/redis/cache.js')

/** @returns {Promise<typeof import('../../lib/cache/redis/driver.js')>} */
export const loadDriver = () => load('cache/redis/driver.js')

/** @returns {Promise<typeof import('../../lib/cache/format/blob.js')>} */
export const loadBlob = () => load('cache/format/blob.js')

/** @returns {Promise<typeof import('../../lib/state/sealed.js')>} */
export const loadSealed = () => load('state/sealed.js')

/** @returns {Promise<typeof import('../../lib/state/digest.js')>} */
export const loadDigest = () => load('state/digest.js')

/** @returns {Promise<typeof import('../../lib/state/state-json.js')>} */
export const loadStateJson = () => load('state/state-json.js')

/** @returns {Promise<typeof import('../../lib/replica/flag-content.js')>} */
export const loadFlagContent = () => load('replica/flag-content.js')

/** @returns {Promise<typeof import('../../lib/replica/snapshot.js')>} */
export const loadSnapshot = () => load('replica/snapshot.js')

/** @returns {Promise<typeof import('../../lib/replica/refresh/comparison.js')>} */
export const loadComparison = () => load('replica/refresh/comparison.js')

/** @returns {Promise<typeof import('../../lib/replica/disk/disk.js')>} */
export const loadDisk = () => load('replica/disk/disk.js')

/** @returns {Promise<typeof import('../../lib/feature/change/plan.js')>} */
export const loadPlan = () => load('feature/change/plan.js')

/** @param {string} file */
function load(file) {
  return import(pathToFileURL(join(checkout, 'dist', file)).href)
}
