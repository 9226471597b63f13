// What can wait until what is drawn now is seen.

/** Calls it after the next frame is drawn; in a window that nobody sees, where no frame is, at once but not now. The result ends the waiting. */
export function afterFrame(run: () => void): () => void {
  let frame: number | undefined
  let timer: number | undefined
  const last = () => {
    timer = window.setTimeout(run)
  }
  // A frame begins with what was asked for before it: when the one after it begins, it is drawn.
  if (document.visibilityState === 'hidden') last()
  else
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(last)
    })
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    window.clearTimeout(timer)
  }
}
