// Keeps the process alive only for work that a caller awaits. Sockets and timers of this package never do, so that an
// application that forgets stop() ends. Without a hold, an application that awaits start() or stop() would end in the middle of
// it.

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
