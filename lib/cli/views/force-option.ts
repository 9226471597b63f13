import { FeatureError } from '../../errors.js'

/** The library's error with the command line's word for its `force`; whatever else was thrown as it is. */
export function inOptions(error: unknown): unknown {
  if (!(error instanceof FeatureError && error.message.includes('force the change'))) return error
  return new FeatureError(error.code, error.message.replaceAll('force the change', 'use --force'), { cause: error })
}
