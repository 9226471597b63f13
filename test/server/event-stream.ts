// Reads server-sent events as a client does.

export interface ReadEvent {
  readonly event: string
  readonly id: string | null
  readonly data: unknown
}

/** The events of a stream one after the other; null at its end. */
export function readEvents(response: Response) {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  return async (): Promise<ReadEvent | null> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const lines = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
        const [event, data] = [field('event'), field('data')]
        if (event === undefined || data === undefined) continue
        return { event, id: field('id') ?? null, data: data.startsWith('{') ? JSON.parse(data) : data }
      }
      const piece = await reader?.read()
      if (piece === undefined || piece.done) return null
      text += decoder.decode(piece.value, { stream: true })
    }
  }
}
