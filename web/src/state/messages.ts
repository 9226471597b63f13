// What the page tells a person: messages that stay until they are closed where they offer something, at most three; and one polite
// voice for screen readers, at most once a second, so that a moving slider does not talk over itself.
import { readonly, ref, shallowReactive } from 'vue'

export interface Message {
  readonly id: number
  readonly kind: 'done' | 'told' | 'failed'
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

const most = 3
const goneMs = 8_000
const voiceMs = 1_000

export function makeMessages() {
  const shown = shallowReactive<Message[]>([])
  const spoken = ref('')
  let next = 1
  let said: string | null = null
  let timer: number | null = null

  const placeOf = (id: number) => shown.findIndex((message) => message.id === id)

  function close(id: number): void {
    const place = placeOf(id)
    if (place >= 0) shown.splice(place, 1)
  }

  function closeLater(id: number): void {
    window.setTimeout(() => close(id), goneMs)
  }

  return {
    shown: shown as readonly Message[],
    spoken: readonly(spoken),
    close,
    /** Shows a message; one with an action stays. */
    tell(message: Omit<Message, 'id'>): number {
      const id = next++
      shown.push({ ...message, id })
      while (shown.length > most) shown.shift()
      if (message.action === undefined && message.kind !== 'failed') closeLater(id)
      return id
    },
    /** Says what became of what a message tells; it offers nothing any more, and goes. */
    end(id: number, became: string): void {
      const place = placeOf(id)
      const message = shown[place]
      if (message === undefined) return
      shown[place] = { id, kind: 'told', text: `${message.text} · ${became}` }
      closeLater(id)
    },
    /** Another person is at the page. */
    clear(): void {
      shown.splice(0)
    },
    /** Says the newest of what is said within a second. */
    say(text: string): void {
      said = text
      if (timer !== null) return
      timer = window.setTimeout(() => {
        timer = null
        spoken.value = said ?? ''
      }, voiceMs)
    },
  }
}

export type Messages = ReturnType<typeof makeMessages>
