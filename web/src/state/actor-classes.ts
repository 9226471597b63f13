// The class of actors that a person has chosen to be counted for a flag: kept in the browser, because the next visit has the same question.
import { shallowRef } from 'vue'

export interface ActorClasses {
  /** Undefined for the usual class of the flag. */
  of(flag: string): string | undefined
  /** Null chooses the usual one. */
  choose(flag: string, name: string | null): void
}

const key = 'sluice-actor-classes'
/** Of the newest flags; what is kept must not grow for ever. */
const most = 200

export function makeActorClasses(): ActorClasses {
  const chosen = shallowRef(read())
  return {
    of: (flag) => chosen.value.get(flag),
    choose(flag, name) {
      const others = [...chosen.value].filter(([known]) => known !== flag)
      chosen.value = new Map([...(name === null ? [] : [[flag, name] as const]), ...others].slice(0, most))
      try {
        window.localStorage.setItem(key, JSON.stringify([...chosen.value]))
      } catch {
        // Full or blocked: it holds as long as the page.
      }
    },
  }
}

function read(): ReadonlyMap<string, string> {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(key) ?? '[]')
    return new Map(Array.isArray(kept) ? kept.filter(isPair).slice(0, most) : [])
  } catch {
    return new Map() // Blocked, or not ours any more.
  }
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')
}
