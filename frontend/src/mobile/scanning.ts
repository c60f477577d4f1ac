/**
 * Reading a QR from a camera: by the browser itself where it can, else by jsQR, which is loaded only
 * then.
 */
type Read = (frame: HTMLVideoElement) => Promise<string | null>;
type Detector = { detect(frame: HTMLVideoElement): Promise<{ rawValue: string }[]> };
type Detecting = {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
};

const EVERY = 150;
const WIDEST = 800;

export function hasCamera(): boolean {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

/**
 * What `wanted` makes of the first text that it takes; null when stopped. Other texts are told to
 * `strange`. Rejects where there is no camera or it is not allowed.
 */
export async function scan(
  video: HTMLVideoElement,
  stopped: AbortSignal,
  wanted: (text: string) => string | null,
  strange: () => void,
): Promise<string | null> {
  const camera = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: "environment", width: { ideal: 1280 } },
  });
  try {
    video.srcObject = camera;
    await video.play();
    const read = await reader();
    while (!stopped.aborted) {
      const text = await read(video);
      const found = text === null ? null : wanted(text);
      if (found) return found;
      if (text !== null) strange();
      await new Promise((go) => setTimeout(go, EVERY));
    }
    return null;
  } finally {
    for (const track of camera.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function reader(): Promise<Read> {
  const known = (globalThis as { BarcodeDetector?: Detecting }).BarcodeDetector;
  const formats = (await known?.getSupportedFormats().catch(() => null)) ?? [];
  if (!known || !formats.includes("qr_code")) return bySoftware();
  const detector = new known({ formats: ["qr_code"] });
  return async (frame) => (await detector.detect(frame))[0]?.rawValue ?? null;
}

async function bySoftware(): Promise<Read> {
  const { default: jsQR } = await import("jsqr");
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  return async (frame) => {
    const scale = Math.min(1, WIDEST / (frame.videoWidth || 1));
    canvas.width = Math.round(frame.videoWidth * scale);
    canvas.height = Math.round(frame.videoHeight * scale);
    if (!canvas.width || !canvas.height) return null;
    pen.drawImage(frame, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return jsQR(data, width, height)?.data ?? null;
  };
}
