// The flags that every server of the part "unleash" has: a quarter of the users, and five ids.

/**
 * @typedef {object} BenchFlag
 * @property {string} name
 * @property {readonly { readonly name: string, readonly parameters: Readonly<Record<string, string>> }[]} strategies
 */

/** @returns {readonly BenchFlag[]} */
export function benchFlags(count = 200) {
  return Array.from({ length: count }, (_, index) => {
    const name = `bench_flag_${index}`
    const ids = Array.from({ length: 5 }, (_, nth) => `user-${index * 5 + nth}`)
    return {
      name,
      strategies: [
        { name: 'flexibleRollout', parameters: { rollout: '25', stickiness: 'default', groupId: 'default' } },
        { name: 'userWithId', parameters: { userIds: ids.join(',') } },
      ],
    }
  })
}
