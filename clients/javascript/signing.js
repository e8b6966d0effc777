// Signatures with the signing secret, `tfs_KEYID_KEY`, by WebCrypto, which Node, Deno, Bun and edge workers have.
// The signed bytes are texts, each as its length in four bytes (big-endian) and its UTF-8, so no two lists have the
// same bytes.

/** The server rejects agent tokens with a longer lifetime. */
const MAX_AGENT_TOKEN_SECONDS = 15 * 60;
const encoder = new TextEncoder();

export async function sign({
  secret,
  siteKey,
  visitor,
  expires = now() + 3600,
  kind = "",
  subject = "",
  role = "visitor",
}) {
  const [keyId, key] = parseSecret(secret);
  const mac = await hmac(key, ["1", "visitor", siteKey, kind, subject, visitor, role, String(expires)]);
  return { visitor, signature: `1.${keyId}.${mac}`, expires: String(expires) };
}

export async function agentToken({
  secret,
  siteKey,
  agent,
  conversation = "",
  issued = now(),
  expires = issued + MAX_AGENT_TOKEN_SECONDS,
}) {
  if (!(expires > issued && expires - issued <= MAX_AGENT_TOKEN_SECONDS)) {
    throw new RangeError(
      "An agent token is valid for at most 15 minutes; set `expires` at most 900 seconds after `issued`.",
    );
  }
  const [keyId, key] = parseSecret(secret);
  const claims = { site: siteKey, agent, conversation, issued, expires };
  const mac = await hmac(key, ["1", "agent", ...Object.values(claims).map(String)]);
  return `tfa_${base64url(encoder.encode(JSON.stringify(claims)))}.1.${keyId}.${mac}`;
}

function now() {
  return Math.floor(Date.now() / 1000);
}

/** Return the key's id and its bytes. */
function parseSecret(secret) {
  const match = /^tfs_([^_]+)_([\w-]+)$/.exec(secret);
  if (!match)
    throw new TypeError(
      "Signing secret must have the form tfs_KEYID_KEY; use the one shown when the site was created.",
    );
  const text = atob(match[2].replaceAll("-", "+").replaceAll("_", "/"));
  return [match[1], Uint8Array.from(text, (letter) => letter.charCodeAt(0))];
}

async function hmac(key, fields) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return base64url(new Uint8Array(await crypto.subtle.sign("HMAC", imported, lengthPrefixed(fields))));
}

function lengthPrefixed(fields) {
  const texts = fields.map((field) => encoder.encode(field));
  const bytes = new Uint8Array(texts.reduce((length, text) => length + 4 + text.length, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const text of texts) {
    view.setUint32(offset, text.length);
    bytes.set(text, offset + 4);
    offset += 4 + text.length;
  }
  return bytes;
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
