// Gives the facts of a source file by its language. The compilers of Vue and Svelte are imported where there are such files.
import { type FileFacts, noFacts } from '../facts.js'
import type { SourceSettings } from '../settings.js'
import type { ComponentCompiler } from './components/component-text.js'
import { type Language, loadParser } from './parser.js'
import { scriptFacts } from './script.js'
import { loadSvelte } from './components/svelte.js'
import { quotedNames } from './text.js'
import { loadVue } from './components/vue.js'

export interface SourceReader {
  read(path: string, text: string): FileFacts
}

/** For files with these endings. Throws ConfigurationError where a package that they need is missing. */
export async function loadReader(settings: SourceSettings, endings: ReadonlySet<string>): Promise<SourceReader> {
  const [parser, vue, svelte] = await Promise.all([
    loadParser(),
    endings.has('.vue') ? loadVue() : null,
    endings.has('.svelte') ? loadSvelte() : null,
  ])
  const component = (compiler: ComponentCompiler, path: string, text: string): FileFacts => {
    const compiled = compiler(text, path)
    if ('problem' in compiled) return { ...noFacts, quoted: quotedNames(text), faults: [compiled] }
    const { script, scriptsOnly, language, runsLater } = compiled
    const whole = scriptFacts({ text: script, language, runsLater }, parser, settings)
    if (whole.faults.length === 0) return whole
    const scripts = scriptFacts({ text: scriptsOnly, language, runsLater }, parser, settings)
    // The names in the template count as used, although no parser reads it.
    return { ...scripts, quoted: quotedNames(text) }
  }
  return {
    read: (path, text) => {
      if (path.endsWith('.vue') && vue !== null) return component(vue, path, text)
      if (path.endsWith('.svelte')) {
        return svelte === null ? { ...noFacts, quoted: quotedNames(text) } : component(svelte, path, text)
      }
      return scriptFacts({ text, language: languageOf(path) }, parser, settings)
    },
  }
}

function languageOf(path: string): Language {
  if (path.endsWith('.tsx')) return 'tsx'
  return path.endsWith('ts') ? 'ts' : 'jsx'
}
