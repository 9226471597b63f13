// What a function gives to be awaited, begun in the context of the caller. A query of Drizzle or Knex, and a request of Fastify's `inject` or of
// SuperTest, begin at their `then`, a query anew at each call of it. So it is called once, here: a second call would send the query twice,
// and one from elsewhere would run it without the request or the test that it belongs to. In Jest it concerns promises of Node itself too,
// such as that of `fetch`, which are no `Promise` of the test's.

/** A promise in place of what can be awaited; anything else, and a promise, as it is. */
export function begun<Result>(result: Result): Result {
  if (result instanceof Promise || !isThenable(result)) return result
  // For the caller, who awaits it, there is no difference.
  return new Promise((resolve, reject) => result.then(resolve, reject)) as Result
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
