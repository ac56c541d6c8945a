/** pdf.js under our policy: no eval, no WebAssembly, no request of its own, no script of a document. */
import { getDocument, PDFWorker, version } from 'pdfjs-dist/build/pdf.min.mjs';
import reader from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import { program } from '../app/programs.ts';

/** Tables of characters and fonts of documents that carry none of their own; asked for by name, when one needs them. */
const AIDS = `/assets/pdf-${version}`;

/** Pages beyond are for a program of its own. */
const MOST_PAGES = 300;

export interface Pdf {
  pages: { width: number; height: number }[];
  draw(page: number, canvas: HTMLCanvasElement): Promise<void>;
  close(): void;
}

export async function openPdf(octets: ArrayBuffer): Promise<Pdf> {
  // Begun by us: the library would name its worker by a string, which the page's policy forbids.
  const port = new Worker(program(reader), { type: 'module' });
  const worker = PDFWorker.create({ port });
  const end = (): void => {
    worker.destroy();
    port.terminate();
  };
  const task = getDocument({
    worker,
    data: octets,
    cMapUrl: `${AIDS}/cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${AIDS}/standard_fonts/`,
    verbosity: 0,
    enableXfa: false,
    useWasm: false,
    useWorkerFetch: false,
    isImageDecoderSupported: false,
    stopAtErrors: false,
  });
  const found = await task.promise.catch((error: unknown) => {
    end();
    throw error;
  });
  const count = Math.min(found.numPages, MOST_PAGES);
  // All pages get the size of the first until they are drawn: long documents open at once.
  const first = (await found.getPage(1)).getViewport({ scale: 1 });
  return {
    pages: Array.from({ length: count }, () => ({ width: first.width, height: first.height })),
    async draw(number, canvas) {
      const page = await found.getPage(number);
      const wide = page.getViewport({ scale: 1 }).width;
      const scale = (canvas.clientWidth / wide) * Math.min(2, devicePixelRatio);
      const viewport = page.getViewport({ scale });
      canvas.width = Math.floor(viewport.width);
      canvas.height = Math.floor(viewport.height);
      await page.render({ canvas, viewport }).promise;
      page.cleanup();
    },
    close: () => void task.destroy().finally(end),
  };
}
