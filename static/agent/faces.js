// Draws the face of an answer without HTML, because pages may require trusted types.
import { safeDocument } from "../src/clobbering.js";
import faces from "faces";
import up from "thumb";

const SENTIMENTS = ["negative", "neutral", "positive"];
const SVG = "http://www.w3.org/2000/svg";

/** @param {{ sentiment: string, look: string }} answer */
export function face({ sentiment, look }) {
  const svg = draw("svg", { viewBox: "-4 -4 32 32", "aria-hidden": "true" });
  if (look == "thumbs") {
    const thumb = draw("path", { d: up });
    if (sentiment == "negative") thumb.setAttribute("transform", "rotate(180 12 12)");
    svg.append(thumb);
  } else {
    svg.append(draw("circle", { cx: 12, cy: 12, r: 13 }), draw("path", { d: faces[SENTIMENTS.indexOf(sentiment)] }));
  }
  return svg;
}

/** @param {string} name @param {Record<string, any>} attributes */
function draw(name, attributes) {
  const node = safeDocument.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  return node;
}
