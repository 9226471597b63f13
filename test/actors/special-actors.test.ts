// The actors for the instance, the pod and the request.
import { describe, expect, it } from 'vitest'
import { specialActors } from '../../lib/actors/special-actors.js'

describe('special actors', () => {
  const make = () => {
    let asked = 0
    const special = specialActors({ requestId: () => `id-${++asked}`, host: 'gitlab.example.com', pod: 'web-1' })
    return { special, asked: () => asked }
  }

  it('carry GitLab’s ids', () => {
    const { special } = make()
    expect(special('request').flipperId).toBe('FlipperRequest:id-1')
    expect(special('instance').flipperId).toBe('FlipperGitlabInstance:gitlab.example.com')
    expect(special('pod').flipperId).toBe('FlipperPod:web-1')
  })

  it('ask for the request’s id each time, and for nothing when none is wanted', () => {
    const { special, asked } = make()
    special('pod')
    special('instance')
    expect(asked()).toBe(0)
    expect([special('request').flipperId, special('request').flipperId]).toEqual([
      'FlipperRequest:id-1',
      'FlipperRequest:id-2',
    ])
  })

  it('are one object for the instance and one for the pod, which no caller can change', () => {
    const { special } = make()
    expect(special('instance')).toBe(special('instance'))
    expect(special('pod')).toBe(special('pod'))
    expect(Object.isFrozen(special('instance')) && Object.isFrozen(special('pod'))).toBe(true)
  })
})
