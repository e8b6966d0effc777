// The shop's chat box. Tilfreds needs four lines of it, marked with (1) to (4); the rest is any chat.
const $ = (id) => document.getElementById(id);
const signed = Boolean(document.querySelector(".chat").dataset.signed);
const store = signed ? "chat-signed" : "chat";

// The shop's data for this tab: the chat's id, and with `?signed=1` the signature to pass on.
let chat = JSON.parse(sessionStorage.getItem(store));
let state = { messages: [], is_open: false, is_writing: false };
let drawnCount = 0;

// (1) Functions in this array run once Tilfreds' file has loaded, or at once if it has. Without it nothing breaks.
const withTilfreds = (run) => (self.tilfreds ??= []).push(run);

// A browser that blocks the file has no id, and the chat must start all the same.
const readBrowserId = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 2000);
    withTilfreds((tilfreds) => tilfreds.browser().then(resolve));
  });

async function call(path, body) {
  const response = await fetch(`/chats${path}`, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status === 404) return startOver();
  if (!response.ok) throw new Error(`the shop answered ${response.status}`);
  return response.json();
}

function startOver() {
  sessionStorage.removeItem(store);
  location.reload();
}

async function sendMessage(text) {
  if (!chat) {
    chat = await call("", { signed });
    sessionStorage.setItem(store, JSON.stringify(chat));
  }
  // (2) When a chat starts or continues, the page says which conversation is open.
  if (!state.is_open) withTilfreds((tilfreds) => tilfreds.started(chat));
  const message = { text, page: location.pathname, language: document.documentElement.lang, signed };
  // (3) The shop's back end needs this browser's id for Tilfreds; a signature verifies the visitor without it.
  if (!signed) message.browser = await readBrowserId();
  draw(await call(`/${chat.conversation}/messages`, message));
}

async function endChat(by) {
  draw(await call(`/${chat.conversation}/end`, { by }));
  // (4) The page reports the visitor's end. The back end reports the agent's end, and Tilfreds polls for it.
  if (by === "visitor") withTilfreds((tilfreds) => tilfreds.ended(chat));
  drawInvitations();
}

function draw(newState) {
  if (!newState) return;
  state = newState;
  for (const message of state.messages.slice(drawnCount)) $("messages").append(makeBubble(message));
  const isNew = drawnCount < state.messages.length;
  drawnCount = state.messages.length;
  $("hint").hidden = drawnCount > 0;
  $("writing").hidden = !state.is_writing;
  $("end").hidden = !state.is_open;
  $("fresh").hidden = state.is_open || !chat;
  $("agent-end").disabled = !state.is_open;
  $("text").placeholder = drawnCount && !state.is_open ? "Write again to continue" : "Write a message";
  if (isNew || state.is_writing) scrollToEnd();
}

function makeBubble({ author, text, sent_at }) {
  const item = document.createElement("li");
  item.className = author;
  const paragraph = document.createElement("p");
  const endTexts = { visitor: "You ended the chat.", agent: "Agent A ended the chat. The question follows within 15 seconds." };
  paragraph.textContent = author === "end" ? endTexts[text] : text;
  paragraph.dir = "auto";
  item.append(paragraph);
  if (author !== "end") {
    const time = document.createElement("time");
    time.dateTime = sent_at;
    const clock = new Date(sent_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    time.textContent = `${author === "agent" ? "Agent A" : "You"} · ${clock}`;
    item.append(time);
  }
  return item;
}

const scrollToEnd = () => $("log").scrollTo({ top: $("log").scrollHeight });

// Tilfreds' invitations of this chat, fetched by the shop's back end with its API key.
async function drawInvitations() {
  const { ledger } = (await call(`/${chat.conversation}/ledger`)) ?? {};
  if (!ledger?.length) return;
  $("ledger").replaceChildren(...ledger.map(({ words, status }) => {
    const item = document.createElement("li");
    item.textContent = words;
    item.dataset.status = status;
    return item;
  }));
}

let round = 0;
async function poll() {
  if (chat && !document.hidden) {
    try {
      draw(await call(`/${chat.conversation}`));
      if (round++ % 3 === 0 && drawnCount) await drawInvitations();
      showError("");
    } catch {
      showError("The shop cannot be reached. Trying again.");
    }
  }
  setTimeout(poll, 1000);
}

function showError(text) {
  $("fault").hidden = !text;
  $("fault").textContent = text;
}

$("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  try {
    await sendMessage(text);
  } catch {
    $("text").value = text;
    showError("The message was not sent. Try again.");
  }
});
$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("write").requestSubmit();
});
$("end").addEventListener("click", () => endChat("visitor"));
$("agent-end").addEventListener("click", () => endChat("agent"));
$("fresh").addEventListener("click", startOver);
new ResizeObserver(scrollToEnd).observe(document.querySelector("tilfreds-rating"));

// After a reload, and for a chat that started before Tilfreds was loaded, the page reports the open chat again.
if (chat) withTilfreds((tilfreds) => tilfreds.started(chat));
poll();
