// The variants of experiments in memory.
import type { Assignment, AssignmentStore } from '../store.js'

/** `isStored` tells whether anything is stored of a flag: of another one nothing is kept. */
export function memoryAssignments(isStored: (flag: string) => boolean): AssignmentStore {
  /** Experiment → actor → variant. */
  const kept = new Map<string, Map<string, string>>()
  const variantOf = (experiment: string, actor: string) => kept.get(experiment)?.get(actor)
  const keepFirst = ({ actor, experiment, variant }: Assignment) => {
    if (!isStored(experiment) || variantOf(experiment, actor) !== undefined) return
    kept.set(experiment, (kept.get(experiment) ?? new Map()).set(actor, variant))
  }
  return {
    async find(actors) {
      return actors.flatMap((actor) =>
        [...kept].flatMap(([experiment, variants]) => {
          const variant = variants.get(actor)
          return variant === undefined ? [] : [{ actor, experiment, variant }]
        }),
      )
    },
    async keep(assignments) {
      for (const one of assignments) keepFirst(one)
      return assignments.flatMap(({ actor, experiment }) => {
        const variant = variantOf(experiment, actor)
        return variant === undefined ? [] : [{ actor, experiment, variant }]
      })
    },
    async remove(experiment, most) {
      const variants = kept.get(experiment)
      const gone = [...(variants?.keys() ?? [])].slice(0, most)
      for (const actor of gone) variants?.delete(actor)
      if (variants?.size === 0) kept.delete(experiment)
      return gone.length
    },
    async count(experiment) {
      const counts = new Map<string, number>()
      for (const variant of kept.get(experiment)?.values() ?? []) counts.set(variant, (counts.get(variant) ?? 0) + 1)
      return counts
    },
  }
}
