// A picture in the browser: made small enough for the server, and shown without an address that a policy could forbid.
import { safeDocument } from "../clobbering.js";

/** What the server accepts (widget_server/ratings/images.py). */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_PIXELS = 16_000_000;
const ACCEPTED_TYPES = /^image\/(png|jpeg|webp)$/;
/** The greatest size of the preview in CSS pixels. */
const PREVIEW_WIDTH = 260;
const PREVIEW_HEIGHT = 180;
/** A picture that is too large becomes smaller by this, as often as it takes. */
const SHRINK = 0.7;
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
 * Return what is sent of a file, and what is shown of it: the file itself where the server accepts it, for a browser
 * that guards canvases gives back noise. Rejects what the browser cannot read.
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
    scale *= SHRINK;
    drawScaled(canvas, bitmap, scale);
    blob = await toJpeg(canvas);
  }
  return { blob, bitmap };
};

/**
 * Draw the preview of a picture.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 */
export const drawPreview = (canvas, bitmap) => {
  const scale = Math.min(1, PREVIEW_WIDTH / bitmap.width, PREVIEW_HEIGHT / bitmap.height);
  drawScaled(canvas, bitmap, Math.min(1, scale * devicePixelRatio));
  canvas.style.width = `${Math.max(1, bitmap.width * scale)}px`;
};
