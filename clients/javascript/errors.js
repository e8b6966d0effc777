/** Any of the others. */
export class TilfredsError extends Error {}

/** No answer came, in any of the tries. Whether the call was carried out is not known; sending it again is safe. */
export class Unreachable extends TilfredsError {}

/** The server said no: an RFC 9457 problem. */
export class Refused extends TilfredsError {
  constructor(status, { code = "unknown", detail = "", pointer = null } = {}, retryAfter = null) {
    super(`${status} ${code}: ${detail}${pointer ? ` (${pointer})` : ""}`);
    Object.assign(this, { status, code, detail, pointer, retryAfter });
  }
}
