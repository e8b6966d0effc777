// Draws the visible part of the page with a library that is fetched on demand (static/vendor).
import { safeDocument, unclobbered } from "../clobbering.js";

const LIBRARY = "modern-screenshot-4.7.0.js";
/** A small image that contains HTML, as the library creates. */
const PROBE_SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><foreignObject width="9" height="9">' +
  '<p xmlns="http://www.w3.org/1999/xhtml">.</p></foreignObject></svg>';
const PROBE_URL = `data:image/svg+xml,${encodeURIComponent(PROBE_SVG)}`;
/** Elements that keep their room in the image but are left empty. */
const HIDDEN = "[data-tilfreds-hide], input[type=password], input[autocomplete^=cc-]";
const TRANSPARENT = "rgba(0, 0, 0, 0)";
const TIMEOUT_MS = 5000;
const MAX_SCALE = 2;
const QUALITY = 0.9;

/**
 * Return whether this page can be drawn: a policy may forbid such images, and a browser may not return their pixels.
 * @returns {Promise<boolean>}
 */
export const canCapture = async () => {
  const image = new Image();
  image.src = PROBE_URL;
  try {
    await image.decode();
    const context = /** @type {CanvasRenderingContext2D} */ (safeDocument.createElement("canvas").getContext("2d"));
    context.drawImage(image, 0, 0);
    context.getImageData(0, 0, 1, 1);
    return true;
  } catch {
    return false;
  }
};

/**
 * Return an image of the visible part of the page, or null when drawing failed.
 * @param {string} src the address of the site's file
 * @returns {Promise<Blob | null>}
 */
export const capturePage = async (src) => {
  const { scrollX, scrollY, innerWidth: width, innerHeight: height } = globalThis;
  try {
    const { domToBlob } = await import(String(new URL(`-/${LIBRARY}`, src)));
    return await domToBlob(safeDocument.documentElement, {
      width,
      height,
      scale: Math.min(devicePixelRatio, MAX_SCALE),
      type: "image/webp",
      quality: QUALITY,
      timeout: TIMEOUT_MS,
      backgroundColor: getComputedStyle(safeDocument.body).backgroundColor.replace(TRANSPARENT, "Canvas"),
      style: { transform: `translate(${-scrollX}px,${-scrollY}px)`, transformOrigin: "0 0", margin: "0" },
      onCloneEachNode: (/** @type {any} */ node) => {
        const { matches, style } = unclobbered(node);
        if (matches?.(HIDDEN)) style.visibility = "hidden";
        // The page is shifted by its scroll position, so elements fixed to the window are shifted back.
        if (style?.position == "fixed") style.translate = `${scrollX}px ${scrollY}px`;
      },
    });
  } catch {
    return null;
  }
};
