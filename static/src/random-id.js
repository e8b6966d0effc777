/** Letters and digits of an id: a little more than 128 random bits, because each has 5.95. */
const ID_LENGTH = 22;
/** Their base64 has 40 characters, so 22 remain after removing "+" and "/". */
const RANDOM_BYTES = 30;

/** Return an unguessable id. */
export const createRandomId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\W/g, "")
    .slice(0, ID_LENGTH);
};
