/** The base class of the errors below. */
export class TilfredsError extends Error {}

/** No try received a response. The call may have been executed; sending it again is safe. */
export class Unreachable extends TilfredsError {}

/** The server rejected the call with an RFC 9457 problem. */
export class Refused extends TilfredsError {
  constructor(status, { code = "unknown", detail = "", pointer = null } = {}, retryAfter = null) {
    super(`${status} ${code}: ${detail}${pointer ? ` (${pointer})` : ""}`);
    Object.assign(this, { status, code, detail, pointer, retryAfter });
  }
}
