// Actors of a kind that the definition does not name, and flags that are asked for different kinds.
import { classOfKind } from '../../actors/declared-kinds.js'
import { printable, quoted } from '../../text/printable.js'
import { makeUsageFault, type UsageFault } from '../usage-fault.js'
import type { Use } from '../uses.js'
import { judgedUses, placeOf, type Reading } from './reading.js'

const asking: ReadonlySet<Use['kind']> = new Set(['check', 'experiment', 'write', 'push'])

interface Asked {
  readonly kind: string
  readonly use: Use
}

export function actorFaults(reading: Reading): readonly UsageFault[] {
  const { definitions, classes } = reading
  const first = new Map<string, Asked>()
  return judgedUses(reading, asking).flatMap((use) =>
    use.names.flatMap((name) => {
      const definition = definitions.get(name)
      const kinds = use.actors.map((kind) => classOfKind(kind, classes))
      const declared = definition?.actor ?? null
      if (declared !== null && definition !== undefined) {
        const wanted = declared.map((kind) => classOfKind(kind, classes))
        const wrong = kinds.find((kind) => !wanted.includes(kind))
        return wrong === undefined ? [] : [wrongActor({ kind: wrong, use }, name, definition.path, declared)]
      }
      // A change may be for any actor: only checks have to agree.
      const [kind] = kinds
      if (kind === undefined || use.kind === 'write') return []
      const before = first.get(name) ?? { kind, use }
      first.set(name, before)
      const other = kinds.find((one) => one !== before.kind)
      return other === undefined ? [] : [mixedActors({ kind: other, use }, name, before)]
    }),
  )
}

function wrongActor({ kind, use }: Asked, flag: string, path: string, declared: readonly string[]): UsageFault {
  const problem = `flag "${flag}" is asked for ${quoted(kind)}, but ${printable(path)} says "actor: ${declared.join(', ')}"`
  const remedy = 'give an actor of that kind, or add the other kind to the file'
  return makeUsageFault({ ...placeOf(use), rule: 'wrong-actor', flag, problem, remedy })
}

function mixedActors({ kind, use }: Asked, flag: string, before: Asked): UsageFault {
  const place = `${printable(before.use.file)}:${before.use.line}:${before.use.column}`
  const problem = `flag "${printable(flag)}" is asked for ${quoted(kind)}, but for ${quoted(before.kind)} in ${place}`
  const remedy = `ask it for one kind, or say in its definition that both are meant: actor: [${before.kind}, ${kind}]`
  return makeUsageFault({ ...placeOf(use), rule: 'mixed-actors', severity: 'warning', flag, problem, remedy })
}
