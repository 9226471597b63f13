// Which rows of a long list stand in the document: those near the window, and the one with the focus. All rows are of one height, so
// their places are known without measuring, and a library that measures them would be a seventh of all code that the list loads.
import { computed, onBeforeUnmount, onMounted, type Ref, readonly, ref } from 'vue'
import { afterFrame } from '../../live/after-frame.js'

export interface RowWindow {
  /** The indexes of the rows to draw. */
  readonly indexes: Readonly<Ref<readonly number[]>>
  readonly rowHeight: Readonly<Ref<number>>
  /** Whether the rows that are seen are drawn alone, before those around them. */
  readonly isHurried: Readonly<Ref<boolean>>
  /** Scrolls as little as needed until the row is seen whole. */
  show(index: number): void
  /** Other rows come: those that are seen are drawn first, and those around them after the next frame. */
  hurry(): void
}

export interface RowWindowOptions {
  readonly count: () => number
  /** Stays in the document however far a person scrolls: focus that vanishes leaves a person nowhere. */
  readonly active: () => number
  /** The element that the rows stand in. */
  readonly body: Readonly<Ref<HTMLElement | null>>
  /** The height of a row in the size of the text of the document. */
  readonly heightRem: () => number
}

/** More rows on each side than are seen, so that a quick scroll shows no gap. */
const overscan = 8
/** About what stands above the rows, in pixels: a guess for the first of them, which are drawn before anything is measured. */
const aboveRows = 250
export const mostRows = 64

export function useRowWindow({ count, active, body, heightRem }: RowWindowOptions): RowWindow {
  const rowHeight = ref(44)
  const first = ref(0)
  /** Rows that fit into the window, and rows from the first on that may be seen. */
  const fitting = ref(Math.ceil(window.innerHeight / rowHeight.value))
  const seen = ref(Math.max(4, Math.ceil((window.innerHeight - aboveRows) / rowHeight.value)))
  const isHurried = ref(true)
  let frame: number | undefined
  let stopHurrying = () => {}
  let observer: ResizeObserver | undefined

  const indexes = computed((): readonly number[] => {
    const more = isHurried.value ? 0 : overscan
    const from = Math.max(0, first.value - more)
    const to = Math.min(
      count(),
      first.value + (isHurried.value ? seen.value : fitting.value + 4) + more,
      from + mostRows - 1,
    )
    const near = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
    const kept = active()
    if (kept >= count() || (kept >= from && kept < to)) return near
    return kept < from ? [kept, ...near] : [...near, kept]
  })

  function measure(): void {
    frame = undefined
    const root = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
    rowHeight.value = Math.round(root * heightRem())
    const top = body.value?.getBoundingClientRect().top ?? 0
    // In steps, so that a scroll of a few pixels draws nothing.
    const from = Math.floor(-top / rowHeight.value / 4) * 4
    first.value = Math.max(0, Math.min(from, Math.max(0, count() - 1)))
    fitting.value = Math.ceil(window.innerHeight / rowHeight.value)
    // Those above the first whole step of four are counted too.
    seen.value = top > 0 ? Math.max(4, Math.ceil((window.innerHeight - top) / rowHeight.value)) : fitting.value + 4
  }

  function hurry(): void {
    isHurried.value = true
    stopHurrying()
    stopHurrying = afterFrame(() => {
      isHurried.value = false
    })
  }

  function measureSoon(): void {
    frame ??= requestAnimationFrame(measure)
  }

  function show(index: number): void {
    if (body.value === null) return
    const top = body.value.getBoundingClientRect().top + index * rowHeight.value
    const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(document.documentElement)
    const above = Number.parseFloat(scrollPaddingTop) || 0
    const below = window.innerHeight - (Number.parseFloat(scrollPaddingBottom) || 0) - rowHeight.value
    if (top < above) window.scrollBy({ top: top - above, behavior: 'instant' })
    else if (top > below) window.scrollBy({ top: top - below, behavior: 'instant' })
    measure()
  }

  onMounted(() => {
    measure()
    hurry()
    window.addEventListener('scroll', measureSoon, { passive: true })
    window.addEventListener('resize', measureSoon)
    // What stands above the rows grows and shrinks: a notice, chips, the selection.
    observer = new ResizeObserver(measureSoon)
    observer.observe(document.body)
  })
  onBeforeUnmount(() => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    stopHurrying()
    window.removeEventListener('scroll', measureSoon)
    window.removeEventListener('resize', measureSoon)
    observer?.disconnect()
  })
  return { indexes, rowHeight: readonly(rowHeight), isHurried: readonly(isHurried), show, hurry }
}
