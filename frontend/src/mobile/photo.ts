/** A photo of a meter's face, made smaller before it is kept: what it holds beside pixels goes too. */

const LONGEST = 2000;
const QUALITY = 0.85;
/** What the server takes, docs/reference/photos.md. */
export const MOST = 10_000_000;

/** A JPEG of at most 2000 pixels; the file itself where the browser cannot draw it. */
export async function smaller(file: Blob): Promise<Blob> {
  let drawn: ImageBitmap;
  try {
    drawn = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const share = Math.min(1, LONGEST / Math.max(drawn.width, drawn.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(drawn.width * share);
  canvas.height = Math.round(drawn.height * share);
  canvas.getContext("2d")?.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  drawn.close();
  const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return made ?? file;
}
