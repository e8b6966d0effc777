// What the served file and its later parts agree on.

/** The life of everything that is kept in the browser: 48 hours. */
export const TWO_DAYS_MS = 48 * 60 * 60 * 1000;
/** A time that never comes. */
export const NEVER = 9e99;
/** The name of the record that says that there are others, so that most pages look for one key alone. */
export const ANY = "any";
