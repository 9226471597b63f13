// The path of a request as the routes know it. GitLab's clients write slashes too many: python-gitlab asks for `/features/` and
// `/features//NAME`, and an address that ends in a slash makes `//api/v4/features`. Escaped slashes (`%2F`) belong to a name and stay.

/** The request's target with single slashes and none at its end; its query stays as it is. */
export function withSingleSlashes(target: string): string {
  const [path = ''] = /^[^?#]*/.exec(target) ?? []
  // A target that is a whole URL has no route, with or without this.
  if (!path.startsWith('/')) return target
  const single = path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  // A proxy that keeps `/-/` inside compares the text: `//-/metrics` must not be another way to the same place.
  if (single.startsWith('/-') && !path.startsWith('/-')) return target
  return single + target.slice(path.length)
}
