// The time as the page shows it: one clock for all that tell how long ago something was. It is the server's, whose times they are, where the
// clock of this machine is wrong.
import { type Ref, onScopeDispose, readonly, ref } from 'vue'

/** Less is the way of the answer, and clocks that are as right as clocks are. */
const leastSkewMs = 60_000

/** How far the server's clock is ahead of this machine's. */
let skewMs = 0
const now = ref(Date.now())
let users = 0
let timer: number | undefined

/** The time by the server's clock; milliseconds. */
export function serverNow(): number {
  return Date.now() + skewMs
}

function tick(): void {
  now.value = serverNow()
}

/** Moves every 20 s while a part of the page uses it. */
export function useNow(): Readonly<Ref<number>> {
  // With each user more, all that tell the time would be drawn again.
  if (users === 0) tick()
  users += 1
  timer ??= window.setInterval(tick, 20_000)
  onScopeDispose(() => {
    users -= 1
    if (users > 0) return
    window.clearInterval(timer)
    timer = undefined
  })
  return readonly(now)
}

/** Takes the time of the server from an answer; milliseconds. */
export function noteServerTime(at: number): void {
  const ahead = at - Date.now()
  const next = Math.abs(ahead) < leastSkewMs ? 0 : ahead
  if (Math.abs(next - skewMs) < leastSkewMs) return
  skewMs = next
  tick()
}
