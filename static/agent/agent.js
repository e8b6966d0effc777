// <tilfreds-ratings>, for any page of a helpdesk.
import { Ratings } from "./ratings.js";

if (!customElements.get("tilfreds-ratings")) customElements.define("tilfreds-ratings", Ratings);
