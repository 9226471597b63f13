// A text as a file that the browser saves.

export function saveText(name: string, text: string, type: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  link.download = name
  link.click()
  // Not at once: the browser may read it a moment later.
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
