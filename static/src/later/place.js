import { settings } from "./core.js";
import { put } from "./spots.js";

/** Puts the faces at the end of the article while that end lies below what is seen, so that nothing moves before the
 * reader's eyes; an end that never lies there gets them at once. */
export const place = () => {
  const article = document.querySelector(settings.selector);
  if (!article) return put({ target: settings.selector });
  const look = () => {
    const { bottom } = article.getBoundingClientRect();
    if (bottom < innerHeight && bottom + scrollY > innerHeight) return;
    removeEventListener("scroll", look);
    put({ target: article });
  };
  addEventListener("scroll", look, { passive: true });
  look();
};
