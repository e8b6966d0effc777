// Images in the browser: reduced to the server's limits, and previewed without an address that a policy could forbid.
import { safeDocument } from "../clobbering.js";

/** The server's limits (widget_server/ratings/images.py). */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_PIXELS = 16_000_000;
const ACCEPTED_TYPES = /^image\/(png|jpeg|webp)$/;
/** The maximum size of the preview in CSS pixels. */
const PREVIEW_WIDTH = 260;
const PREVIEW_HEIGHT = 180;
/** The scale of each repeated reduction of an image that is too large. */
const SHRINK_FACTOR = 0.7;
const JPEG_QUALITY = 0.85;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 * @param {number} scale
 */
const drawScaled = (canvas, bitmap, scale) => {
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
};

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
const toJpeg = (canvas) =>
  new Promise((resolve) => {
    const callback = /** @type {BlobCallback} */ (resolve);
    canvas.toBlob(callback, "image/jpeg", JPEG_QUALITY);
  });

/**
 * Return the upload and the bitmap of a file. The upload is the file itself where the server accepts it, because a
 * browser that protects canvases returns noise. Rejects a file that the browser cannot read.
 * @param {Blob} file
 * @returns {Promise<{blob: Blob, bitmap: ImageBitmap}>}
 */
export const fitImage = async (file) => {
  const bitmap = await createImageBitmap(file);
  let scale = Math.min(1, Math.sqrt(MAX_PIXELS / (bitmap.width * bitmap.height)));
  const isAccepted = scale == 1 && file.size <= MAX_BYTES && ACCEPTED_TYPES.test(file.type);
  if (isAccepted) return { blob: file, bitmap };
  const canvas = safeDocument.createElement("canvas");
  drawScaled(canvas, bitmap, scale);
  let blob = await toJpeg(canvas);
  while (blob.size > MAX_BYTES) {
    scale *= SHRINK_FACTOR;
    drawScaled(canvas, bitmap, scale);
    blob = await toJpeg(canvas);
  }
  return { blob, bitmap };
};

/**
 * Draw the preview of an image.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 */
export const drawPreview = (canvas, bitmap) => {
  const scale = Math.min(1, PREVIEW_WIDTH / bitmap.width, PREVIEW_HEIGHT / bitmap.height);
  drawScaled(canvas, bitmap, Math.min(1, scale * devicePixelRatio));
  canvas.style.width = `${Math.max(1, bitmap.width * scale)}px`;
};
