/** Letters and digits of an id: a little more than 128 random bits, for each has 5.95. */
const ID_LENGTH = 22;
/** Their base64 has 40 characters, so 22 remain although "+" and "/" are left out. */
const RANDOM_BYTES = 30;

/** Return an id that cannot be guessed. */
export const createRandomId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\W/g, "")
    .slice(0, ID_LENGTH);
};
