// Forms that a passkey fills in: the page asks the server for a challenge and the browser for its signature, and sends
// both. Where the browser has no passkeys, the forms stay hidden.

/** @typedef {{ publicKey: any, state: string }} Options */

// Browsers accept no passkeys at an IP address.
const isNamed = !/^[\d.]+$|:/.test(location.hostname);
const isSupported = isNamed && "PublicKeyCredential" in self && "parseRequestOptionsFromJSON" in PublicKeyCredential;

/** @param {HTMLFormElement} form */
async function readCredential(form) {
  const answer = await fetch(form.dataset.options ?? "", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const { publicKey, state } = /** @type {Options} */ (await answer.json());
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  return { state, credential: JSON.stringify(credential) };
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} value
 */
function setField(form, name, value) {
  const field = form.querySelector(`input[name="${name}"]`) ?? form.appendChild(document.createElement("input"));
  Object.assign(field, { type: "hidden", name, value });
}

/** @param {HTMLFormElement} form */
function prepare(form) {
  const problem = /** @type {HTMLElement} */ (form.querySelector("[data-passkey-problem]"));
  const prefix = form.dataset.prefix ?? "";
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const { state, credential } = await readCredential(form);
      setField(form, `${prefix}state`, state);
      setField(form, `${prefix}credential`, credential);
      form.submit();
    } catch {
      // The person cancelled, the browser has no passkey for this address, or the server is away.
      problem.hidden = false;
    }
  });
}

if (isSupported) {
  for (const form of document.querySelectorAll("form[data-passkey]")) prepare(/** @type {HTMLFormElement} */ (form));
  for (const note of document.querySelectorAll("[data-passkey-missing]")) note.remove();
}
