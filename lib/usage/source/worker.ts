// A thread that parses: the parse takes nearly all of the time of a first run. It is entered by its file, is given the settings that matter,
// and answers each batch of files with their facts as texts, in their order.
import { extname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { factsText } from '../facts-text.js'
import type { SourceFile } from '../parse-files.js'
import type { SourceSettings } from '../settings.js'
import { loadParser } from './parser.js'
import { loadReader } from './reader.js'

const settings = workerData as SourceSettings
// Where it is missing, the thread ends here, and the one that started it says so.
await loadParser()
let last: Promise<void> = Promise.resolve()
parentPort?.on('message', (files: readonly SourceFile[]) => {
  last = last.then(() => answer(files))
})

async function answer(files: readonly SourceFile[]): Promise<void> {
  const reader = await loadReader(settings, new Set(files.map(([path]) => extname(path))))
  parentPort?.postMessage(files.map(([path, text]) => factsText(reader.read(path, text))))
}
