// Constants that the served file and its later parts share.

/** The lifetime of everything that the browser stores: 48 hours. */
export const TWO_DAYS_MS = 48 * 60 * 60 * 1000;
/** A time in the infinite future, in ms. */
export const NEVER = 9e99;
/** The name of the record that marks that others exist, so that most pages look up one key only. */
export const ANY = "any";
