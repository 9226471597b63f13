// The time as the page shows it: one clock for all that tell how long ago something was.
import { type Ref, onScopeDispose, readonly, ref } from 'vue'

const now = ref(Date.now())
let users = 0
let timer: number | undefined

/** Moves every 20 s while a part of the page uses it. */
export function useNow(): Readonly<Ref<number>> {
  users += 1
  now.value = Date.now()
  timer ??= window.setInterval(() => {
    now.value = Date.now()
  }, 20_000)
  onScopeDispose(() => {
    users -= 1
    if (users > 0) return
    window.clearInterval(timer)
    timer = undefined
  })
  return readonly(now)
}
