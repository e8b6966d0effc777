// Places a chat's survey above or beside the button that opens the chat, for pages without another place.
import { safeDocument } from "../clobbering.js";
import { createElement, whenDomReady } from "../dom.js";
import { float } from "../floating.js";

/** The distance in px from the edge that the launcher is not at. */
const EDGE = 16;
const CHECK_INTERVAL_MS = 500;

/**
 * Return whether the page has another place for a chat's survey.
 * @param {Element} ownRating
 */
const hasOtherPlace = (ownRating) =>
  [...safeDocument.querySelectorAll("tilfreds-rating[kind=conversation]")].some((rating) => rating != ownRating);

/** @param {{side: "start" | "end", where: "above" | "beside", clearance: number}} options clearance in px */
const start = ({ side, where, clearance }) => {
  const rating = createElement("tilfreds-rating", {});
  if (hasOtherPlace(rating)) return;
  rating.setAttribute("kind", "conversation");
  const above = where == "above" ? clearance : EDGE;
  const beside = where == "above" ? EDGE : clearance;
  const { host, fit } = float(side, { above, beside, narrow: clearance }, rating);

  const leave = () => {
    clearInterval(timer);
    host.remove();
  };
  const check = () => {
    if (hasOtherPlace(rating)) leave();
    else fit(Boolean(rating.root.querySelector("[part=card]")), true);
  };
  const timer = setInterval(check, CHECK_INTERVAL_MS);

  // A chat that names a target shows its survey there.
  const leaveIfPlaced = (/** @type {any} */ detail) => {
    if (detail?.target) leave();
  };
  const listener = (/** @type {any} */ event) => leaveIfPlaced(event.detail);
  addEventListener("tilfreds:start", listener, true);
  addEventListener("tilfreds:end", listener, true);
  const { tilfreds } = /** @type {any} */ (globalThis);
  const { ended } = tilfreds;
  tilfreds.ended = (/** @type {any} */ detail) => {
    leaveIfPlaced(detail);
    return ended(detail);
  };
};

/** @param {Parameters<typeof start>[0]} options */
export default (options) => whenDomReady(() => start(options));
