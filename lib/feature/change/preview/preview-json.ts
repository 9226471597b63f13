// A preview as JSON, for the HTTP API and for `--json`.
import type { Effect } from './effect.js'
import type { FlagPreview, Preview } from './preview.js'

/** What the change would do to one flag, in the words of the HTTP API. */
export function flagPreviewToJson(preview: FlagPreview) {
  const { name, revision, changed, before, after, gates, wiped, effect, narrows, unmatched, warnings, level } = preview
  return {
    name,
    revision,
    changed,
    before,
    after,
    gates,
    wiped,
    effect: effectToJson(effect),
    narrows,
    ...(unmatched.length === 0 ? {} : { unmatched }),
    warnings,
    level,
  }
}

/** The same with the commands that make the change. */
export function previewToJson(preview: Preview) {
  return { ...flagPreviewToJson(preview), commands: preview.commands }
}

function effectToJson({
  actorClass,
  known,
  sample,
  of,
  gain,
  lose,
  margin,
  unknown,
  gainFirst,
  loseFirst,
  withoutActor,
  everybody,
}: Effect) {
  return {
    actor_class: actorClass,
    known,
    sample,
    of,
    gain,
    lose,
    margin,
    unknown,
    gain_first: gainFirst,
    lose_first: loseFirst,
    without_actor: withoutActor,
    everybody,
  }
}
