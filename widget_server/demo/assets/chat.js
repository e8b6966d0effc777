// The shop's chat box. Tilfreds needs four lines of it, marked with (1) to (4); the rest is any chat.
const $ = (id) => document.getElementById(id);
const signed = Boolean(document.querySelector(".chat").dataset.signed);
const store = signed ? "chat-signed" : "chat";
const tag = document.querySelector("script[async]");

// What the shop gave this tab: the chat's id, and with `?signed=1` the signature to hand on.
let chat = JSON.parse(sessionStorage.getItem(store));
let state = { messages: [], is_open: false, is_writing: false };
let drawn = 0;

// (1) Tilfreds is told by events of the document, so nothing breaks while its file is not there.
const tell = (what) => document.dispatchEvent(new CustomEvent(`tilfreds:${what}`, { detail: chat }));

async function call(path, body) {
  const answer = await fetch(`/chats${path}`, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status === 404) return forget();
  if (!answer.ok) throw new Error(`the shop answered ${answer.status}`);
  return answer.json();
}

function forget() {
  sessionStorage.removeItem(store);
  location.reload();
}

async function write(text) {
  if (!chat) {
    chat = await call("", { signed });
    sessionStorage.setItem(store, JSON.stringify(chat));
  }
  // (2) At its start, and when it goes on, the page says which conversation is open.
  if (!state.is_open) tell("start");
  const sent = { text, page: location.pathname, language: document.documentElement.lang, signed };
  // (3) The shop's back end hands on which browser chats here; a signature proves the visitor without it.
  if (!signed) sent.browser = await self.tilfreds?.browser();
  draw(await call(`/${chat.conversation}/messages`, sent));
}

async function end(by) {
  draw(await call(`/${chat.conversation}/end`, { by }));
  // (4) The visitor's end is said by the page. The agent's end is said by the back end, and Tilfreds finds it out.
  if (by === "visitor") tell("end");
  follow();
}

function draw(next) {
  if (!next) return;
  state = next;
  for (const message of state.messages.slice(drawn)) $("messages").append(bubble(message));
  const isNew = drawn < state.messages.length;
  drawn = state.messages.length;
  $("hint").hidden = drawn > 0;
  $("writing").hidden = !state.is_writing;
  $("end").hidden = !state.is_open;
  $("fresh").hidden = state.is_open || !chat;
  $("agent-end").disabled = !state.is_open;
  $("text").placeholder = drawn && !state.is_open ? "Write again to go on" : "Write a message";
  if (isNew || state.is_writing) toTheEnd();
}

function bubble({ author, text, sent_at }) {
  const item = document.createElement("li");
  item.className = author;
  const words = document.createElement("p");
  const ends = { visitor: "You ended the chat.", agent: "Agent A ended the chat. The question follows within 15 seconds." };
  words.textContent = author === "end" ? ends[text] : text;
  words.dir = "auto";
  item.append(words);
  if (author !== "end") {
    const when = document.createElement("time");
    when.dateTime = sent_at;
    const clock = new Date(sent_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    when.textContent = `${author === "agent" ? "Agent A" : "You"} · ${clock}`;
    item.append(when);
  }
  return item;
}

const toTheEnd = () => $("log").scrollTo({ top: $("log").scrollHeight });

// What Tilfreds wrote down about asking, fetched by the shop's back end with its API key.
async function follow() {
  const { ledger } = (await call(`/${chat.conversation}/ledger`)) ?? {};
  if (!ledger?.length) return;
  $("ledger").replaceChildren(...ledger.map(({ words, state }) => {
    const item = document.createElement("li");
    item.textContent = words;
    item.dataset.state = state;
    return item;
  }));
}

let round = 0;
async function look() {
  if (chat && !document.hidden) {
    try {
      draw(await call(`/${chat.conversation}`));
      if (round++ % 3 === 0 && drawn) await follow();
      fault("");
    } catch {
      fault("The shop cannot be reached. Trying again.");
    }
  }
  setTimeout(look, 1000);
}

function fault(words) {
  $("fault").hidden = !words;
  $("fault").textContent = words;
}

$("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  try {
    await write(text);
  } catch {
    $("text").value = text;
    fault("That was not sent. Try again.");
  }
});
$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("write").requestSubmit();
});
$("end").addEventListener("click", () => end("visitor"));
$("agent-end").addEventListener("click", () => end("agent"));
$("fresh").addEventListener("click", forget);
new ResizeObserver(toTheEnd).observe(document.querySelector("tilfreds-rating"));

// After a reload the running chat is said again, and so is one that started before Tilfreds was there to hear it.
if (self.tilfreds) chat && tell("start");
else tag.addEventListener("load", () => chat && tell("start"));
look();
