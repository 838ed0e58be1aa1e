import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The server puts a fresh nonce in place of SALLYPORT_NONCE in every response. Nothing is inlined and nothing is evaluated,
// so that the page runs under a policy without `unsafe-*` and with Trusted Types.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  // In a browser this package would decode `&amp;` through innerHTML, which Trusted Types refuse; its other form has a table.
  resolve: { alias: { 'decode-named-character-reference': join(import.meta.dirname, '../../node_modules/decode-named-character-reference/index.js') } },
  html: { cspNonce: 'SALLYPORT_NONCE' },
  build: {
    target: 'es2022',
    // The first versions with light-dark(), which carries both themes.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Grammars of code and the Markdown reader are large and come when they are needed; test/size.test.ts guards the first paint.
    chunkSizeWarningLimit: 1_000,
  },
})
