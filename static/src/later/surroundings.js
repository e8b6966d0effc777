// Fits the cards into the page around them. Loads once a card was painted.
import "./keys.js";
import { fit } from "./surface.js";
import "./unseen-changes.js";

export default fit;
