// What the visitor sees of the page, drawn by a library that is fetched for it (static/vendor).
import { safeDocument, unclobbered } from "../clobbering.js";

const LIBRARY = "modern-screenshot-4.7.0.js";
/** A picture that holds HTML, in small: the library makes such ones. */
const PROBE_SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><foreignObject width="9" height="9">' +
  '<p xmlns="http://www.w3.org/1999/xhtml">.</p></foreignObject></svg>';
const PROBE_URL = `data:image/svg+xml,${encodeURIComponent(PROBE_SVG)}`;
/** These keep their room and are left empty. */
const HIDDEN = "[data-tilfreds-hide], input[type=password], input[autocomplete^=cc-]";
const TRANSPARENT = "rgba(0, 0, 0, 0)";
const TIMEOUT_MS = 5000;
const MAX_SCALE = 2;
const QUALITY = 0.9;

/**
 * Whether a page can be drawn here at all: a policy may forbid such pictures, a browser may not give them back.
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
 * Return a picture of what is seen of the page now, or null when it could not be made.
 * @param {string} src the address of the site's file
 * @returns {Promise<Blob | null>}
 */
export const capturePage = async (src) => {
  const { scrollX, scrollY, innerWidth: width, innerHeight: height } = self;
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
        // The page is moved by its scroll position, so what is fixed to the window is moved back.
        if (style?.position == "fixed") style.translate = `${scrollX}px ${scrollY}px`;
      },
    });
  } catch {
    return null;
  }
};
