// The faces of a chat above or beside the button that opens it, for pages that have no other place for them.
import { corner } from "../corner.js";
import { createElement, whenDomReady } from "../dom.js";

const EDGE = 16;

/** @param {{side: "start" | "end", where: "above" | "beside", clearance: number}} options */
export default ({ side, where, clearance }) =>
  whenDomReady(() => {
    const others = () => [...document.querySelectorAll("tilfreds-rating[kind=conversation]")].some((one) => one != rating);
    const rating = createElement("tilfreds-rating", {});
    if (others()) return;
    rating.setAttribute("kind", "conversation");
    const [above, beside] = where == "above" ? [clearance, EDGE] : [EDGE, clearance];
    const { host, fit } = corner({ side, above, beside, narrow: clearance }, rating);
    const clock = setInterval(() => {
      if (others()) leave();
      else fit(Boolean(/** @type {any} */ (rating.shadowRoot).querySelector("[part=card]")), true);
    }, 500);
    const leave = () => {
      clearInterval(clock);
      host.remove();
    };
    // A chat that names its place for the faces has them there.
    const named = (detail) => detail?.target && leave();
    for (const event of ["start", "end"]) addEventListener(`tilfreds:${event}`, (/** @type {any} */ { detail }) => named(detail), true);
    const { tilfreds } = /** @type {any} */ (self);
    const { ended } = tilfreds;
    tilfreds.ended = (detail) => (named(detail), ended(detail));
  });
