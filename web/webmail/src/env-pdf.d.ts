/** The built file of pdf.js has no types of its own; they are those of the package. */
declare module 'pdfjs-dist/build/pdf.min.mjs' {
  export * from 'pdfjs-dist';
}
