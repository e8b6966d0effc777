// The subject of a rating without one: the path of the page whose contents are around it.
import { safeDocument } from "./clobbering.js";
import { instances } from "./instances.js";

/** The path that some pages keep in the fragment; what follows a question mark may name a heading or a secret. */
const HASH_ROUTE = /^#!?\/[^?]*/;
/** Some pages change their address after their contents, so this many checks after a change read it. */
const SETTLING_CHECKS = 2;

/** The first address: a canonical link that stays while the address changes is out of date. */
const firstPathname = location.pathname;

/** Return the path of the page: that of its canonical link, else of its address, with the route in its fragment. */
export const readPath = () => {
  // A frame made by `srcdoc` has no address, but the base address of its parent.
  const { origin, pathname, hash } = location.protocol == "about:" ? new URL(safeDocument.baseURI) : location;
  const link = /** @type {HTMLLinkElement | null} */ (safeDocument.querySelector("link[rel=canonical]"))?.href;
  const canonical = link?.startsWith(`${origin}/`) ? new URL(link).pathname : "/";
  // Many sites name their start page on every page by mistake.
  const isCanonical = canonical != "/" && pathname == firstPathname;
  return (isCanonical ? canonical : pathname) + (HASH_ROUTE.exec(hash) ?? "");
};

let checksLeft = 0;
/** @param {MutationRecord} record of text that changed, or of nodes that left */
const hasOtherText = ({ target, removedNodes }) => /** @type {Text} */ (target).data ?? removedNodes[0];

/** Observes contents that leave. Many pages change their address first, so until then a rating keeps its path. */
export const contentsObserver = new MutationObserver((records) => {
  if (records.some(hasOtherText)) checksLeft = SETTLING_CHECKS;
});

/** What it observes. @type {MutationObserverInit} */
export const CONTENTS = { childList: true, characterData: true, subtree: true };

/** Read the attributes of all ratings again, and the path where contents have left. */
export const updateAll = () => {
  instances.forEach((rating) => rating.update(checksLeft > 0));
  checksLeft--;
};
