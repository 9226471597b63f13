// A thread that parses a share of the files: the parse takes nearly all of the time of a first run. It is entered by its file, and is given
// the settings that matter and the files; it answers with their facts.
import { extname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { SourceSettings } from '../settings.js'
import { loadReader } from './reader.js'

export interface Share {
  readonly settings: SourceSettings
  readonly files: readonly (readonly [path: string, text: string])[]
}

const { settings, files } = workerData as Share
const reader = await loadReader(settings, new Set(files.map(([path]) => extname(path))))
parentPort?.postMessage(files.map(([path, text]) => reader.read(path, text)))
