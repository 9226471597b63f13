// Patterns of paths: `**` for any folders, `*` and `?` within a name, `{a,b}`, `[a-z]`. A pattern without these that names a folder
// stands for all in it. Node has its own only from 22 on.

/** Tells whether one of the patterns fits a path from the root, which has forward slashes. */
export function matcherOf(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(expressionOf)
  return (path) => expressions.some((expression) => expression.test(path))
}

function expressionOf(pattern: string): RegExp {
  const given = pattern.replace(/^\.\//, '').replace(/\/+$/, '')
  // `src` and `src/` are folders, or the file of that name.
  return new RegExp(`^${source(given)}(?:/.*)?$`, 's')
}

function source(pattern: string): string {
  let result = ''
  let depth = 0
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? ''
    if (pattern.startsWith('**/', index)) {
      result += '(?:.*/)?'
      index += 2
    } else if (pattern.startsWith('**', index)) {
      result += '.*'
      index += 1
    } else if (character === '*') result += '[^/]*'
    else if (character === '?') result += '[^/]'
    else if (character === '{' && pattern.includes('}', index)) {
      result += '(?:'
      depth += 1
    } else if (character === '}' && depth > 0) {
      result += ')'
      depth -= 1
    } else if (character === ',' && depth > 0) result += '|'
    else if (character === '[' && /^\[!?[^\][]+\]/.test(pattern.slice(index))) {
      const end = pattern.indexOf(']', index)
      result += `[${pattern
        .slice(index + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`
      index = end
    } else result += character.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  }
  return result + ')'.repeat(depth)
}
