// What a back end signs with its signing secret, `tfs_KEYID_KEY`, by WebCrypto: Node, Deno, Bun and edge workers have it.
// Signed are texts, each as its length in four bytes (big-endian) and its UTF-8, so that no two lists of texts look alike.

/** Seconds; the server takes no agent token that lives longer. */
const MAX_AGENT_TOKEN_SECONDS = 15 * 60;
const encoder = new TextEncoder();

export async function sign({ secret, siteKey, visitor, expires = now() + 3600, kind = "", subject = "", role = "visitor" }) {
  const [keyId, key] = parts(secret);
  const mac = await hmac(key, ["1", "visitor", siteKey, kind, subject, visitor, role, String(expires)]);
  return { visitor, signature: `1.${keyId}.${mac}`, expires: String(expires) };
}

export async function agentToken({ secret, siteKey, agent, conversation = "", issued = now(), expires = issued + MAX_AGENT_TOKEN_SECONDS }) {
  if (!(expires > issued && expires - issued <= MAX_AGENT_TOKEN_SECONDS)) {
    throw new RangeError("An agent token lives for 15 minutes at most: set `expires` that far after `issued`.");
  }
  const [keyId, key] = parts(secret);
  const claims = { site: siteKey, agent, conversation, issued, expires };
  const mac = await hmac(key, ["1", "agent", ...Object.values(claims).map(String)]);
  return `tfa_${base64url(encoder.encode(JSON.stringify(claims)))}.1.${keyId}.${mac}`;
}

function now() {
  return Math.floor(Date.now() / 1000);
}

/** The id of the key, and the key. */
function parts(secret) {
  const found = /^tfs_([^_]+)_([\w-]+)$/.exec(secret);
  if (!found) throw new TypeError("This is no signing secret. It reads tfs_KEYID_KEY, and was shown when it was made.");
  const text = atob(found[2].replaceAll("-", "+").replaceAll("_", "/"));
  return [found[1], Uint8Array.from(text, (letter) => letter.charCodeAt(0))];
}

async function hmac(key, fields) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return base64url(new Uint8Array(await crypto.subtle.sign("HMAC", imported, lengthPrefixed(fields))));
}

function lengthPrefixed(fields) {
  const texts = fields.map((field) => encoder.encode(field));
  const bytes = new Uint8Array(texts.reduce((length, text) => length + 4 + text.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.length);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
