// Parses many files: here, or in as many threads as there are processors.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { FileFacts } from './facts.js'
import type { SourceSettings } from './settings.js'
import { loadReader } from './source/reader.js'

export type SourceFile = readonly [path: string, text: string]

/** Starting a thread takes as long as parsing so many files. */
const worthAThread = 150
const mostThreads = 8

const workerUrl = new URL('./source/worker.js', import.meta.url)

/** The facts of each file, in the order of the files. Throws ConfigurationError where a package that is needed is missing. */
export async function parseFiles(
  files: readonly SourceFile[],
  settings: SourceSettings,
): Promise<readonly FileFacts[]> {
  const threads = Math.min(availableParallelism(), mostThreads, Math.floor(files.length / worthAThread))
  // Also here, so that a missing package is the same error. In a checkout that is not built there is no file for a thread.
  const reader = await loadReader(settings, new Set(files.map(([path]) => extname(path))))
  if (threads < 2 || !existsSync(fileURLToPath(workerUrl))) return files.map(([path, text]) => reader.read(path, text))
  const size = Math.ceil(files.length / threads)
  const shares = Array.from({ length: threads }, (_, index) => files.slice(index * size, (index + 1) * size))
  return (await Promise.all(shares.map((share) => inThread(share, settings)))).flat()
}

function inThread(files: readonly SourceFile[], settings: SourceSettings): Promise<readonly FileFacts[]> {
  return new Promise((resolve, reject) => {
    const { calls, properties } = settings
    const workerData = { settings: { calls, properties }, files }
    // A tree lives for a moment. With the usual room for young objects a fifth of the time would go into moving them.
    const worker = new Worker(workerUrl, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 64 } })
    worker.once('message', (facts: readonly FileFacts[]) => resolve(facts))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('a thread that parses sources ended without an answer')))
  })
}
