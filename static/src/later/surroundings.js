// Fits the cards into the page around them. Loads once a card was painted.
import "./keys.js";
import { fit } from "./surface.js";

export default fit;
