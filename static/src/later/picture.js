// A picture in the browser: made small enough to be taken, and shown without an address that a policy could forbid.

/** What the server takes (widget_server/ratings/images.py). */
const MOST_BYTES = 2 ** 21;
const MOST_PIXELS = 16e6;
const AS_IT_IS = /^image\/(png|jpeg|webp)$/;
/** Of the preview, in CSS pixels. */
const WIDE = 260;
const HIGH = 180;

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap @param {number} scale */
const paint = (canvas, bitmap, scale) => {
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  /** @type {any} */ (canvas.getContext("2d")).drawImage(bitmap, 0, 0, canvas.width, canvas.height);
};

/** What is sent of a file, and what is shown of it: the file itself where it is fine, for a browser that guards canvases
 * gives back noise. Rejects what the browser cannot read.
 * @param {Blob} file @returns {Promise<{blob: Blob, bitmap: ImageBitmap}>} */
export const fit = async (file) => {
  const bitmap = await createImageBitmap(file);
  let scale = Math.min(1, Math.sqrt(MOST_PIXELS / (bitmap.width * bitmap.height)));
  let blob = file;
  const canvas = document.createElement("canvas");
  for (; scale < 1 || blob.size > MOST_BYTES || !AS_IT_IS.test(blob.type); scale *= 0.7) {
    paint(canvas, bitmap, scale);
    blob = await new Promise((done) => canvas.toBlob(/** @type {any} */ (done), "image/jpeg", 0.85));
    if (blob.size <= MOST_BYTES) break;
  }
  return { blob, bitmap };
};

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap */
export const onto = (canvas, bitmap) => {
  const shown = Math.min(1, WIDE / bitmap.width, HIGH / bitmap.height);
  paint(canvas, bitmap, Math.min(1, shown * devicePixelRatio));
  canvas.style.width = `${Math.max(1, bitmap.width * shown)}px`;
};
