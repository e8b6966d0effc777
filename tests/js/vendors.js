// A page with chats made by others: what adapters hear and what they tell the widget.
import { mock } from "node:test";

/** What was told so far, such as "start 17", "end"; and what the products were handed. */
export const told = [];
export const handed = [];
export const HASH = "5".repeat(64);

const tabs = new Set();

/** Another tab tells that it showed the question of a chat. */
export const otherTab = (data) => tabs.forEach((tab) => tab.onmessage?.({ data }));

/** Open channels: a chat that is over keeps none. */
export const open = () => tabs.size;

class Channel {
  constructor() {
    tabs.add(this);
  }
  postMessage(data) {
    told.push(`other tabs: ${data}`);
  }
  close() {
    tabs.delete(this);
  }
}

/** The document of the page that was loaded last. */
let current;
/** The files keep the first `document` that they see, so it leads to the current one. As in a browser, its properties are its prototype's. */
const currentDocument = Object.create(
  new Proxy({}, {
    get: (_, name) => (typeof current[name] == "function" ? current[name].bind(current) : current[name]),
  }),
);

/** A new page with an empty tab. The window hears what happens in the document, as in a browser. */
export function load({ hidden = false, stored } = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1.7e12 });
  for (const list of [told, handed]) list.length = 0;
  tabs.clear();
  const window = new EventTarget();
  const document = (current = new EventTarget());
  const dispatch = document.dispatchEvent.bind(document);
  Object.assign(document, { hidden, elements: [], querySelector: (one) => document.elements.find((node) => node.matches(one)) });
  document.querySelectorAll = (all) => document.elements.filter((node) => all.split(",").some((one) => node.matches(one)));
  document.dispatchEvent = (event) => {
    dispatch(event);
    window.dispatchEvent(Object.assign(new Event(event.type), { detail: event.detail, data: event.data }));
  };
  const gone = ["RocketChat", "LiveChatWidget", "HubSpotConversations", "$_LHC", "ZammadChat", "$chatwoot", "$crisp", "zE", "Tawk_API"];
  for (const name of [...gone, "jivo_onClientStartChat", "jivo_onMessageSent", "jivo_api"]) delete globalThis[name];
  const note = (what) => (event) => told.push([what, event.detail.conversation, event.detail.target].filter(Boolean).join(" "));
  document.addEventListener("tilfreds:start", note("start"));
  document.addEventListener("tilfreds:end", note("end"));
  Object.assign(globalThis, {
    document: currentDocument,
    BroadcastChannel: Channel,
    addEventListener: window.addEventListener.bind(window),
    sessionStorage: { getItem: (name) => sessionStorage[name] ?? null, ...(stored && { "tilfreds:KEY:chat": JSON.stringify(stored) }) },
    tilfreds: { ended: async (detail) => told.push("ended by the page") && detail, browser: async () => HASH },
  });
  return { window, document };
}

/** The adapters that tests ran. */
export const used = new Set();

export const adapter = async (name, options = {}) => (await import(`../../static/src/adapters/${name}.js`)).default(options, used.add(name));

/** Lets promises that are under way come to their end. */
export const settle = () => new Promise((done) => setImmediate(done));

/** Callbacks by name, as most products keep them. */
export const emitter = () => {
  const heard = {};
  return {
    on: (name, run) => (heard[name] ??= []).push(run),
    fire: (name, ...given) => heard[name]?.forEach((run) => run(...given)),
  };
};
