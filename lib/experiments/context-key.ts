// What stands for an actor in events and pages (GitLab: the context key): the same for each experiment and actor, different for the same
// actor in another experiment, and never the id.
import { createHmac, hash } from 'node:crypto'

/** 64 hexadecimal digits. Without a secret, a reader who knows the form of ids can find the id by trying. */
export function contextKey(experiment: string, id: string, secret: string | null): string {
  const text = `${experiment}|${id}`
  return secret === null ? hash('sha256', text) : createHmac('sha256', secret).update(text).digest('hex')
}
