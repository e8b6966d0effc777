// What the visitor sees of the page, drawn by a library that is fetched for it (static/vendor).

const LIBRARY = "modern-screenshot-4.7.0.js";
/** A page of the library's kind in small: a picture that holds HTML. */
const PROBE =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><foreignObject width="9" height="9"><p xmlns="http://www.w3.org/1999/xhtml">.</p></foreignObject></svg>',
  );
/** Shown to nobody: the element keeps its room and is left empty. */
const SECRET = "[data-tilfreds-hide], input[type=password], input[autocomplete^=cc-]";

/** Whether a page can be drawn here at all: a policy may forbid such pictures, a browser may not give them back.
 * @returns {Promise<boolean>} */
export const canDraw = async () => {
  const image = new Image();
  image.src = PROBE;
  try {
    await image.decode();
    const canvas = document.createElement("canvas");
    const context = /** @type {any} */ (canvas.getContext("2d"));
    context.drawImage(image, 0, 0);
    context.getImageData(0, 0, 1, 1);
    return true;
  } catch {
    return false;
  }
};

/** @param {string} src the address of the site's file
 * @returns {Promise<Blob | null>} a picture of what is seen now; null when it could not be made */
export const draw = async (src) => {
  const { scrollX, scrollY, innerWidth: width, innerHeight: height } = self;
  try {
    const { domToBlob } = await import(String(new URL(`-/${LIBRARY}`, src)));
    return await domToBlob(document.documentElement, {
      width,
      height,
      scale: Math.min(devicePixelRatio, 2),
      type: "image/webp",
      quality: 0.9,
      timeout: 5e3,
      backgroundColor: getComputedStyle(document.body).backgroundColor.replace("rgba(0, 0, 0, 0)", "Canvas"),
      style: { transform: `translate(${-scrollX}px,${-scrollY}px)`, transformOrigin: "0 0", margin: "0" },
      onCloneEachNode: (/** @type {any} */ node) => {
        if (node.matches?.(SECRET)) node.style.visibility = "hidden";
        // The moved page carries along what stands still in the window.
        if (node.style?.position == "fixed") node.style.translate = `${scrollX}px ${scrollY}px`;
      },
    });
  } catch {
    return null;
  }
};
