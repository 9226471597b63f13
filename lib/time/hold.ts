// What keeps the process alive: only work that a caller awaits. Sockets and timers of this package never do, so that an
// application that forgets stop() ends; without a hold, one that awaits start() or stop() would end in the middle of it.

const longestMs = 2 ** 31 - 1

/** Resolves or rejects with the work, and keeps the process alive until then. */
export async function holding<T>(work: Promise<T>): Promise<T> {
  const hold = setInterval(() => {}, longestMs)
  try {
    return await work
  } finally {
    clearInterval(hold)
  }
}
