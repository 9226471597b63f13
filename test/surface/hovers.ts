// What an editor shows at calls in a file, by the language servers of TypeScript 7 (the Language Server Protocol) and 5.9
// (tsserver's own protocol, which editors speak to every TypeScript before 7).
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isRecord } from '../../lib/text/json.js'
import { type Dialect, LanguageServer } from './language-server.js'
import { folderOfTypescript59 } from './typescript59.js'

/** A started server. */
export interface Hovering {
  readonly pid: number
  /** What is shown at the name that is called. Throws where the file has no such call, or the server does not answer. */
  at(call: string): Promise<string>
  /** What is offered between the first empty quotes of the call, sorted. Throws as `at`. */
  offeredAt(call: string): Promise<readonly string[]>
  /** The lines on which something is struck through as deprecated, from 0. */
  struckLines(): Promise<readonly number[]>
  end(): Promise<void>
}

const require = createRequire(import.meta.url)

const languageServerProtocol: Dialect = {
  frame: (message) => framed({ jsonrpc: '2.0', ...message }),
  answers: ({ id, method }) => (typeof id === 'number' && method === undefined ? id : null),
  // What it asks for (its settings, whether it may watch files) is answered with nothing.
  reply: ({ id, method }) => (id === undefined || method === undefined ? null : { id, result: null }),
}

const tsserverProtocol: Dialect = {
  frame: (message) => `${JSON.stringify({ type: 'request', ...message })}\n`,
  answers: (message) => (typeof message['request_seq'] === 'number' ? message['request_seq'] : null),
  reply: () => null,
}

/** Starts the language server of the TypeScript that compiles this package, with a file of a project open. */
export async function typescript7(file: string): Promise<Hovering> {
  const text = readFileSync(file, 'utf8')
  // The program itself: a script that starts it would leave it behind when killed.
  const paths = join(dirname(require.resolve('typescript/package.json')), 'lib', 'getExePath.js')
  const { default: programOf }: { readonly default: () => string } = await import(pathToFileURL(paths).href)
  const folder = dirname(file)
  const server = new LanguageServer(languageServerProtocol, [programOf(), '--lsp', '--stdio'], folder)
  const uri = pathToFileURL(file).href
  const rootUri = pathToFileURL(folder).href
  const tagSupport = { valueSet: [deprecatedTag] }
  const capabilities = {
    textDocument: {
      hover: { contentFormat: ['markdown', 'plaintext'] },
      diagnostic: { tagSupport },
      publishDiagnostics: { tagSupport },
    },
  }
  let asked = 0
  const ask = (method: string, params: object) => {
    const id = asked++
    return server.ask(id, { id, method, params })
  }
  try {
    await ask('initialize', {
      processId: process.pid,
      rootUri,
      capabilities,
      workspaceFolders: [{ uri: rootUri, name: '' }],
    })
    server.tell({ method: 'initialized', params: {} })
    server.tell({
      method: 'textDocument/didOpen',
      params: { textDocument: { uri, languageId: 'typescript', version: 1, text } },
    })
  } catch (error) {
    await server.end()
    throw error
  }
  return {
    pid: server.pid,
    at: async (call) => {
      const answer = await ask('textDocument/hover', { textDocument: { uri }, position: positionOf(call, text) })
      const { result } = answer
      const contents = isRecord(result) ? result['contents'] : null
      if (isRecord(contents) && typeof contents['value'] === 'string') return contents['value']
      throw new Error(`nothing is shown at ${call}: ${JSON.stringify(answer)}`)
    },
    offeredAt: async (call) => {
      const { result } = await ask('textDocument/completion', { textDocument: { uri }, position: quotesIn(call, text) })
      const items = isRecord(result) ? result['items'] : result
      return namesOf(items, 'label')
    },
    struckLines: async () => {
      const { result } = await ask('textDocument/diagnostic', { textDocument: { uri } })
      const items = isRecord(result) && Array.isArray(result['items']) ? result['items'].filter(isRecord) : []
      const struck = items.filter(({ tags }) => Array.isArray(tags) && tags.includes(deprecatedTag))
      return struck.flatMap(({ range }) => lineOf(isRecord(range) ? range['start'] : null))
    },
    end: () => server.end(),
  }
}

/** Starts the language server of TypeScript 5.9, with a file of a project open. */
export async function typescript59(file: string): Promise<Hovering> {
  const text = readFileSync(file, 'utf8')
  const program = join(folderOfTypescript59(), 'lib', 'tsserver.js')
  // It would otherwise fetch types of packages by npm.
  const values = [program, '--disableAutomaticTypingAcquisition', '--suppressDiagnosticEvents']
  const server = new LanguageServer(tsserverProtocol, [process.execPath, ...values], dirname(file))
  let seq = 0
  server.tell({ seq: seq++, command: 'open', arguments: { file, fileContent: text, projectRootPath: dirname(file) } })
  return {
    pid: server.pid,
    at: async (call) => {
      const { line, character } = positionOf(call, text)
      const question = { file, line: line + 1, offset: character + 1 }
      const asked = seq++
      const answer = await server.ask(asked, { seq: asked, command: 'quickinfo', arguments: question })
      const { body } = answer
      if (isRecord(body)) return shown(body)
      throw new Error(`nothing is shown at ${call}: ${JSON.stringify(answer)}`)
    },
    offeredAt: async (call) => {
      const { line, character } = quotesIn(call, text)
      const question = { file, line: line + 1, offset: character + 1 }
      const asked = seq++
      const { body } = await server.ask(asked, { seq: asked, command: 'completionInfo', arguments: question })
      return namesOf(isRecord(body) ? body['entries'] : null, 'name')
    },
    struckLines: async () => {
      const asked = seq++
      const question = { seq: asked, command: 'suggestionDiagnosticsSync', arguments: { file } }
      const { body } = await server.ask(asked, question)
      const found = Array.isArray(body) ? body.filter(isRecord) : []
      const struck = found.filter(({ reportsDeprecated }) => reportsDeprecated === true)
      return struck.flatMap(({ start }) => lineOf(start).map((line) => line - 1))
    },
    end: () => server.end(),
  }
}

/** `DiagnosticTag.Deprecated` of the Language Server Protocol. */
const deprecatedTag = 2

function lineOf(position: unknown): readonly number[] {
  return isRecord(position) && typeof position['line'] === 'number' ? [position['line']] : []
}

/** The place between the first empty quotes of a call. Throws where the text does not have it. */
function quotesIn(call: string, text: string) {
  const start = text.indexOf(call)
  const quotes = call.indexOf("''")
  if (start < 0 || quotes < 0) throw new Error(`no line has ${call} with empty quotes`)
  const before = text.slice(0, start + quotes + 1).split('\n')
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
}

function namesOf(items: unknown, key: string): readonly string[] {
  const names = Array.isArray(items) ? items.filter(isRecord).map((item) => item[key]) : []
  return names.filter((name) => typeof name === 'string').sort()
}

/** The place of the name before the first parenthesis of a call. Throws where the text does not have it. */
function positionOf(call: string, text: string) {
  const start = text.indexOf(call)
  if (start < 0) throw new Error(`no line has ${call}`)
  const name = call.slice(0, call.indexOf('(')).lastIndexOf('.') + 1
  const before = text.slice(0, start + name).split('\n')
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
}

/** As editors lay it out: the signature, the comment, its tags. */
function shown({ displayString, documentation, tags }: Readonly<Record<string, unknown>>): string {
  const tagged = Array.isArray(tags) ? tags.filter(isRecord) : []
  const lines = tagged.map(({ name, text }) => `@${String(name)} ${typeof text === 'string' ? text : ''}`.trimEnd())
  return [displayString, documentation, ...lines].filter((part) => typeof part === 'string' && part !== '').join('\n\n')
}

function framed(message: object): string {
  const body = JSON.stringify(message)
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
