// Compiled by `npm run types`, never run: what must not compile does not.
import { createFeature, type FeatureFlags, FeatureGate } from '../lib/index.js'

class Project extends FeatureGate('Project') {}

export function wrongCalls(feature: FeatureFlags, project: Project): unknown[] {
  return [
    // @ts-expect-error a promise is no actor: await it first
    feature.enabled('a_flag', Promise.resolve(project)),
    // @ts-expect-error a number is no actor
    feature.enabled('a_flag', 42),
    // @ts-expect-error an object without a flipperId is no actor
    feature.enabled('a_flag', { id: 42 }),
    // @ts-expect-error there is no such option
    feature.enabled('a_flag', project, { typ: 'ops' }),
    // @ts-expect-error options come last
    feature.enabled('a_flag', { type: 'ops' }, project),
    // @ts-expect-error to disable, call disable
    feature.enable('a_flag', false),
    // @ts-expect-error to enable, call enable
    feature.disable('a_flag', true),
    // @ts-expect-error a percentage is a number
    feature.enablePercentageOfActors('a_flag', '25'),
    // @ts-expect-error an opt-out is of an actor
    feature.optOut('a_flag', feature.group('admins')),
    // @ts-expect-error an actor that was not found would turn the flag on for everybody
    feature.enable('a_flag', undefined),
    // @ts-expect-error options come last, for decide too
    feature.decide('a_flag', { type: 'ops' }, project),
    // @ts-expect-error what the command line and the server use is theirs
    feature.tokens,
    // @ts-expect-error a change has no such option
    feature.enable('a_flag', true, { reson: 'a slip' }),
    // @ts-expect-error the options of a change come last
    feature.enable('a_flag', { reason: 'a try' }),
    // @ts-expect-error the pattern of ids is an option
    FeatureGate('User', 'User;{id}'),
    // @ts-expect-error there is one event
    feature.on('changed', () => {}),
    // @ts-expect-error there is no such key
    createFeature({ databseUrl: 'memory' }),
  ]
}
