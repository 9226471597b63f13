// Environment scopes: the name of an environment, in which `*` stands for any text. Every other sign means itself, also `%` and
// `_`. Matching takes time in proportion to scope × name: as a regular expression a scope of many stars does not end.

const allowed = /^[a-zA-Z0-9_/${}. *-]+$/
const longest = 255

/** What GitLab says of a scope that cannot be stored; null for a good one. The scope is trimmed before. */
export function scopeFault(scope: string): string | null {
  if (scope === '') return "environment scope can't be blank"
  if (scope.length > longest) return `environment scope is too long (maximum is ${longest} characters)`
  if (allowed.test(scope)) return null
  return "environment scope can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*' and spaces"
}

/** Whether an environment is in a scope. */
export function isInScope(scope: string, environment: string): boolean {
  let inScope = 0
  let inName = 0
  let lastStar = -1
  let afterStar = 0
  while (inName < environment.length) {
    if (scope[inScope] === '*') {
      lastStar = inScope++
      afterStar = inName
    } else if (inScope < scope.length && scope[inScope] === environment[inName]) {
      inScope++
      inName++
    } else if (lastStar >= 0) {
      // The last star takes one sign more; earlier stars need not be tried again.
      inScope = lastStar + 1
      inName = ++afterStar
    } else return false
  }
  while (scope[inScope] === '*') inScope++
  return inScope === scope.length
}
