// The option `--scope` of the commands that let someone in.
import { InvalidArgumentError } from 'commander'
import { isTokenScope, type TokenScope } from '../store/token-scope.js'

/** Reads one value of the option, which may be given several times. */
export function addScope(text: string, before: readonly TokenScope[] = []): readonly TokenScope[] {
  const scopes = text.split(',').map((scope) => {
    if (isTokenScope(scope)) return scope
    throw new InvalidArgumentError(
      'It is admin, read, write, approve, act_as, projects, or one of a project, such as project:1:write.',
    )
  })
  return [...new Set([...before, ...scopes])]
}
