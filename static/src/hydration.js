// Frameworks that take over a page which their server drew. An element added before that breaks the take-over, so that
// the page is drawn again or shows an error. docs/guides/placement.md lists the signs.
import { safeDocument, unclobbered } from "./clobbering.js";

/** Elements in which frameworks draw an application, by their usual ids. */
const APP_ROOTS = "#__next,#__nuxt,#___gatsby,#__docusaurus,#app,#root,#svelte";
/** An island of Astro has the attribute until it was taken over, an element of Angular's server until then too. */
const WAITING_PARTS = "astro-island[ssr],[ngh]";
/** Variables of frameworks on React that take over the whole page. */
const DOCUMENT_APPS = ["__next_f", "__remixContext", "__reactRouterContext"];

/**
 * Return whether React has taken over an element. React marks elements with its fibers, and its root with whether
 * the server's markup still waits.
 * @param {any} element
 */
const isTakenByReact = (element) => {
  const key = Object.keys(element).find((name) => name.startsWith("__reactFiber$"));
  let fiber = key && element[key];
  while (fiber?.return) fiber = fiber.return;
  return Boolean(fiber) && !fiber.stateNode?.current?.memoizedState?.isDehydrated;
};

/**
 * Return whether Vue has taken over its root, in which it stores the application. Nuxt goes on for a while.
 * @param {any} root
 */
const isTakenByVue = ({ __vue_app__: app }) => Boolean(app) && !app.$nuxt?.isHydrating;

/**
 * Return the root of the application around an element, or nothing in a page without one.
 * @param {Element} container
 * @returns {Element | null}
 */
export const findAppRoot = (container) => {
  if (DOCUMENT_APPS.some((name) => Object.hasOwn(globalThis, name))) return safeDocument.body;
  return unclobbered(container).closest(APP_ROOTS);
};

/**
 * Return whether contents still wait for the framework that takes them over.
 * @param {Element} container
 */
export const isWaitingForHydration = (container) => {
  const { closest, querySelector } = unclobbered(container);
  if (closest(WAITING_PARTS) ?? querySelector("[ngh]")) return true;
  // Docusaurus has a separate sign.
  if (safeDocument.documentElement.dataset.hasHydrated == "true") return false;
  const root = findAppRoot(container);
  // Svelte has no sign in its elements, but a variable once it runs.
  return Boolean(root) && !isTakenByReact(container) && !isTakenByVue(root) && !("__svelte" in globalThis);
};
