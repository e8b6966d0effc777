/**
 * Return the meaning of a step of a scale, where the survey has a text for it: for the lowest, the highest, and those
 * between.
 * @param {string[] | undefined} ends
 * @param {number} index
 * @param {number} count of steps
 * @returns {string | undefined}
 */
export const findMeaning = (ends, index, count) => {
  const [lowest, highest, between] = ends ?? [];
  if (index == 0) return lowest;
  return index == count - 1 ? highest : between;
};
