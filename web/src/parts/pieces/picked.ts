// What a person has chosen in a `select`. `v-model` there would bring a kilobyte of Vue along, to the list of flags too.

/** The choice that the event of a `select` tells of; the usual one where it is none of them. */
export function picked<Choice extends string>(
  { target }: Event,
  choices: readonly Choice[],
  usual: NoInfer<Choice>,
): Choice {
  const value = target instanceof HTMLSelectElement ? target.value : usual
  return choices.find((one) => one === value) ?? usual
}
