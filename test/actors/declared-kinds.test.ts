// Which kinds of actors a definition may name, and the classes that they stand for.
import { describe, expect, it } from 'vitest'
import { ActorClasses } from '../../lib/actors/classes.js'
import { classOfKind, declaredKindFault } from '../../lib/actors/declared-kinds.js'

const any = new ActorClasses()
const registered = new ActorClasses(
  new Map([
    ['Project', {}],
    ['BillingAccount', {}],
    ['widget', {}],
  ]),
)

describe('a kind that a definition names', () => {
  it.each([
    ['project', 'Project'],
    ['organization', 'Organizations::Organization'],
    ['runner', 'Ci::Runner'],
    ['request', 'FlipperRequest'],
    ['pod', 'FlipperPod'],
    ['instance', 'FlipperGitlabInstance'],
    ['endpoint', 'FlipperEndpoint'],
    ['billing_account', 'BillingAccount'],
    ['BillingAccount', 'BillingAccount'],
    ['widget', 'widget'],
  ])('%s stands for the class %s', (kind, className) => {
    expect(classOfKind(kind, registered)).toBe(className)
  })

  it.each(['project', 'Project', 'billing_account', 'BillingAccount', 'widget', 'request', 'endpoint'])(
    '%s is fine where its class is registered, or is one of Sluice’s own',
    (kind) => {
      expect(declaredKindFault(kind, registered)).toBeNull()
    },
  )

  it.each([
    ['user', 'add User to `actors` of the configuration'],
    ['projekt', 'did you mean project? Otherwise add projekt to `actors` of the configuration'],
    ['Account', 'add Account to `actors` of the configuration'],
  ])('%s is refused where its class is not registered', (kind, remedy) => {
    expect(declaredKindFault(kind, registered)).toEqual({
      problem: 'is no class that the configuration registers',
      remedy,
    })
  })

  it.each(['user', 'Project', 'Account', 'Ci::Runner', 'request'])(
    '%s is fine where no class is registered',
    (kind) => {
      expect(declaredKindFault(kind, any)).toBeNull()
    },
  )

  it('is refused as the slip of a kind where it has no capital letter, although no class is registered', () => {
    expect(declaredKindFault('projekt', any)).toEqual({
      problem: 'is no kind of actor',
      remedy:
        'did you mean project? The kinds are user, group, namespace, project, organization, repository, runner, request, pod, instance, endpoint; another class is written by its name, such as Account',
    })
  })
})
