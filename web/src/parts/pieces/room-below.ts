// A bar that stands at the bottom of the window, over the page: how high it is, for what must not be hidden by it.
import { onBeforeUnmount, onMounted, type Ref, watch } from 'vue'

/**
 * Keeps the height of `bar`, with its distance to the edge of the window, in a custom property of the document, in pixels; while there is no
 * bar the property is not set. The bar has a fixed place: one that scrolls with the page would be scrolled to at each letter that is typed
 * into it, because it stands where the browser is told that nothing can be seen.
 */
export function useRoomBelow(bar: Readonly<Ref<HTMLElement | null>>, property: `--${string}`): void {
  const { style } = document.documentElement
  const observer = new ResizeObserver(([entry]) => {
    const height = entry?.target instanceof HTMLElement ? entry.target.offsetHeight : 0
    style.setProperty(property, `calc(${height}px + var(--bar-edge))`)
  })

  onMounted(() => {
    watch(
      bar,
      (now) => {
        observer.disconnect()
        if (now === null) style.removeProperty(property)
        else observer.observe(now)
      },
      { immediate: true },
    )
  })
  onBeforeUnmount(() => {
    observer.disconnect()
    style.removeProperty(property)
  })
}
