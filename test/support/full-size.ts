// What takes long runs small in `npm test`, and at full size where SLUICE_FULL_SIZE is set; CONTRIBUTING.md lists the files.

export const isFullSize = process.env['SLUICE_FULL_SIZE'] !== undefined

/** The small size in `npm test`, the full one where it is asked for. */
export function fullSize<T>(small: T, full: T): T {
  return isFullSize ? full : small
}
