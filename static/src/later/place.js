import { inform, settings } from "./core.js";

/** Puts the faces at the end of the article while that end lies below what is seen, so that nothing moves before the
 * reader's eyes; an end that never lies there gets them at once. */
export const place = () => {
  const article = document.querySelector(settings.selector);
  if (!article) return inform(`nothing in this page matches the selector ${settings.selector}`);
  const look = () => {
    const { bottom } = article.getBoundingClientRect();
    if (bottom < innerHeight && bottom + scrollY > innerHeight) return;
    removeEventListener("scroll", look);
    article.append(document.createElement("tilfreds-rating"));
  };
  addEventListener("scroll", look, { passive: true });
  look();
};
