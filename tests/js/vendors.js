// Simulates a page with vendors' chats: their events, and the events that adapters dispatch.
import { mock } from "node:test";

/** The events dispatched so far, such as "start 17", "end"; and the values that the products received. */
export const events = [];
export const received = [];
export const HASH = "5".repeat(64);

const tabs = new Set();

/** Dispatch the message of another tab that showed the survey of a chat. */
export const dispatchFromOtherTab = (data) => tabs.forEach((tab) => tab.onmessage?.({ data }));

/** Return the number of open channels; an ended chat has none. */
export const countChannels = () => tabs.size;

class Channel {
  constructor() {
    tabs.add(this);
  }
  postMessage(data) {
    events.push(`other tabs: ${data}`);
  }
  close() {
    tabs.delete(this);
  }
}

/** The document of the page that was loaded last. */
let current;
/**
 * Forwards to the current document, because the files keep the first `document` that they see. As in a browser, its
 * properties are its prototype's.
 */
const currentDocument = Object.create(
  new Proxy(
    {},
    {
      get: (_, name) => (typeof current[name] == "function" ? current[name].bind(current) : current[name]),
    },
  ),
);

/** Load a new page with an empty tab. The window receives the document's events, as in a browser. */
export function load({ hidden = false, stored } = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1.7e12 });
  for (const list of [events, received]) list.length = 0;
  tabs.clear();
  const window = new EventTarget();
  const document = (current = new EventTarget());
  const dispatch = document.dispatchEvent.bind(document);
  Object.assign(document, {
    hidden,
    elements: [],
    querySelector: (one) => document.elements.find((node) => node.matches(one)),
  });
  document.createEvent = () => new CustomEvent("");
  document.querySelectorAll = (all) =>
    document.elements.filter((node) => all.split(",").some((one) => node.matches(one)));
  document.dispatchEvent = (event) => {
    dispatch(event);
    window.dispatchEvent(Object.assign(new Event(event.type), { detail: event.detail, data: event.data }));
  };
  const gone = [
    "RocketChat",
    "LiveChatWidget",
    "HubSpotConversations",
    "$_LHC",
    "ZammadChat",
    "$chatwoot",
    "$crisp",
    "zE",
    "Tawk_API",
  ];
  for (const name of [...gone, "jivo_onClientStartChat", "jivo_onMessageSent", "jivo_api"]) delete globalThis[name];
  const note = (what) => (event) =>
    events.push([what, event.detail.conversation, event.detail.target].filter(Boolean).join(" "));
  document.addEventListener("tilfreds:start", note("start"));
  document.addEventListener("tilfreds:end", note("end"));
  Object.assign(globalThis, {
    document: currentDocument,
    BroadcastChannel: Channel,
    addEventListener: window.addEventListener.bind(window),
    sessionStorage: {
      getItem: (name) => sessionStorage[name] ?? null,
      ...(stored && { "tilfreds:KEY:chat": JSON.stringify(stored) }),
    },
    tilfreds: { ended: async (detail) => events.push("ended by the page") && detail, browser: async () => HASH },
  });
  return { window, document };
}

/** The adapters that tests loaded. */
export const testedAdapters = new Set();

export const loadAdapter = async (name, options = {}) =>
  (await import(`../../static/src/adapters/${name}.js`)).default(options, testedAdapters.add(name));

/** Wait until pending promises have settled. */
export const settle = () => new Promise((done) => setImmediate(done));

/** Create an emitter of callbacks by name, as most products have. */
export const loadEmitter = () => {
  const callbacks = {};
  return {
    on: (name, run) => (callbacks[name] ??= []).push(run),
    fire: (name, ...values) => callbacks[name]?.forEach((run) => run(...values)),
  };
};
