// A change that a person may not make, as a request to one who may: a link that puts it together, and the command that makes it.

export interface ChangeRequest {
  readonly flag: string
  /** `true`, `false`, or a share of actors in percent. */
  readonly set: string
  readonly reason: string
}

/** The address that puts the change together on the page of the flag. */
export function requestLink({ flag, set, reason }: ChangeRequest, origin: string): string {
  const query = new URLSearchParams({ set, ...(reason === '' ? {} : { reason }) })
  return `${origin}/flags/${encodeURIComponent(flag)}?${query}`
}

/** The command that makes it. */
export function requestCommand({ flag, set, reason }: ChangeRequest): string {
  const share = set === 'true' || set === 'false' ? '' : ' --actors'
  return `bin/feature-flag set ${quotedForShell(flag)} ${set}${share}${reason === '' ? '' : ` --reason ${quotedForShell(reason)}`}`
}

function quotedForShell(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
